//! A bot of the barest kind: raw frames, raw requests, and every event parsed by two libraries.

use std::time::Duration;

use cogsmith_simulator::Simulator;
use flate2::{Decompress, FlushDecompress};
use futures_util::{SinkExt, StreamExt};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES and MESSAGE_CONTENT.
pub(crate) const INTENTS: u64 = 1 | 1 << 1 | 1 << 9 | 1 << 12 | 1 << 15;

/// How long a test waits for a frame before it fails.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came over the socket.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Frame(Value),
    /// A close frame with this code, or without one.
    Closed(Option<u16>),
    /// The connection ended without a close frame.
    Gone,
}

pub(crate) struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// Reads the stream when the connection is compressed as a whole.
    inflate: Option<Decompress>,
    pub(crate) hello: Value,
    /// The last sequence number.
    pub(crate) sequence: u64,
    pub(crate) session: String,
}

impl Gateway {
    /// Connects and hears HELLO.
    pub(crate) async fn connect(sim: &Simulator) -> Self {
        Self::connect_with(sim, None).await
    }

    /// As [`Self::connect`], with one compressed stream in the place of texts.
    pub(crate) async fn connect_compressed(sim: &Simulator) -> Self {
        Self::connect_with(sim, Some(Decompress::new(true))).await
    }

    async fn connect_with(sim: &Simulator, inflate: Option<Decompress>) -> Self {
        let compress = if inflate.is_some() {
            "&compress=zlib-stream"
        } else {
            ""
        };
        let url = format!("{}/?v=10&encoding=json{compress}", sim.gateway_url());
        let (socket, _) = connect_async(url).await.unwrap();
        let mut gateway = Self {
            socket,
            inflate,
            hello: Value::Null,
            sequence: 0,
            session: String::new(),
        };
        gateway.hello = gateway.frame().await;
        assert_eq!(gateway.hello["op"], 10);
        gateway
    }

    /// Connects, identifies and hears READY.
    pub(crate) async fn identified(sim: &Simulator, intents: u64) -> Self {
        let mut gateway = Self::connect(sim).await;
        gateway.send(&identify(&sim.token(), intents)).await;
        let ready = gateway.event("READY").await;
        gateway.session = ready["session_id"].as_str().unwrap().to_owned();
        gateway
    }

    /// Connects and asks to resume what `former` had heard up to `sequence`.
    pub(crate) async fn resuming(sim: &Simulator, session: &str, sequence: u64) -> Self {
        let mut gateway = Self::connect(sim).await;
        let token = sim.token();
        let resume = json!({ "token": token, "session_id": session, "seq": sequence });
        gateway.send(&json!({ "op": 6, "d": resume })).await;
        session.clone_into(&mut gateway.session);
        gateway
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        let text = Message::text(frame.to_string());
        self.socket.send(text).await.unwrap();
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    pub(crate) async fn close(mut self, code: u16) {
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
        while let Some(Ok(_)) = self.socket.next().await {}
    }

    /// The next thing that comes.
    pub(crate) async fn hear(&mut self) -> Heard {
        let heard = tokio::time::timeout(PATIENCE, self.hear_at_last()).await;
        heard.expect("something is heard in time")
    }

    async fn hear_at_last(&mut self) -> Heard {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return self.read(&text),
                Some(Ok(Message::Binary(bytes))) => {
                    let text = self.inflated(&bytes);
                    return self.read(&text);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Heard::Closed(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::Gone,
            }
        }
    }

    fn read(&mut self, text: &str) -> Heard {
        let frame: Value = serde_json::from_str(text).unwrap();
        if frame["op"] == 0 {
            self.sequence = frame["s"].as_u64().unwrap();
            parse_event(text);
        }
        Heard::Frame(frame)
    }

    /// A part of the stream, or a frame that was compressed alone.
    fn inflated(&mut self, bytes: &[u8]) -> String {
        let mut alone = Decompress::new(true);
        let inflate = self.inflate.as_mut().unwrap_or(&mut alone);
        let (mut text, before) = (Vec::new(), inflate.total_in());
        while inflate.total_in() - before < bytes.len() as u64 {
            text.reserve(64 * 1024);
            let read = usize::try_from(inflate.total_in() - before).unwrap();
            let flush = FlushDecompress::Sync;
            inflate
                .decompress_vec(&bytes[read..], &mut text, flush)
                .unwrap();
        }
        String::from_utf8(text).unwrap()
    }

    /// The next frame.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            other => panic!("expected a frame, found {other:?}"),
        }
    }

    /// The data of the next event, which is of this kind.
    pub(crate) async fn event(&mut self, kind: &str) -> Value {
        let mut frame = self.frame().await;
        assert_eq!(frame["t"], kind, "{frame}");
        frame["d"].take()
    }

    /// Everything up to the answer to a heartbeat sent now: what was on its way.
    pub(crate) async fn heard(&mut self) -> Vec<Value> {
        let sequence = self.sequence;
        self.send(&json!({ "op": 1, "d": sequence })).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.frame().await;
            if frame["op"] == 11 {
                return frames;
            }
            frames.push(frame);
        }
    }

    /// The kinds of the events among [`Self::heard`].
    pub(crate) async fn events(&mut self) -> Vec<String> {
        let frames = self.heard().await;
        let kinds = frames.iter().map(|frame| frame["t"].as_str().unwrap());
        kinds.map(str::to_owned).collect()
    }
}

pub(crate) fn identify(token: &str, intents: u64) -> Value {
    json!({
        "op": 2,
        "d": {
            "token": token,
            "intents": intents,
            "properties": { "os": "linux", "browser": "test", "device": "test" },
        },
    })
}

/// Parses an event with serenity and with twilight; a library that does not know what it is sent
/// fails the test that caused it.
pub(crate) fn parse_event(text: &str) {
    use serde::de::DeserializeSeed;
    use serenity::model::event::{Event, GatewayEvent};
    use twilight_model::gateway::event::GatewayEventDeserializer;

    let frame: GatewayEvent = serde_json::from_str(&without_layouts(text)).expect(text);
    match frame {
        GatewayEvent::Dispatch(_, Event::Unknown(event)) => {
            let data = serde_json::from_str::<Value>(text).unwrap()["d"].take();
            panic!("serenity does not understand {}: {data:#}", event.kind);
        }
        GatewayEvent::Dispatch(..) => {}
        other => panic!("serenity took an event for {other:?}"),
    }
    if KNOWN_TO_SERENITY_ALONE
        .iter()
        .any(|kind| text.contains(kind))
    {
        return;
    }
    let seed = GatewayEventDeserializer::from_json(text).expect(text);
    let mut json = serde_json::Deserializer::from_str(text);
    if let Err(error) = seed.deserialize(&mut json) {
        panic!("twilight does not understand {text}: {error}");
    }
}

/// Documented events that twilight 0.18 has not heard of.
const KNOWN_TO_SERENITY_ALONE: [&str; 7] = [
    r#""t":"SOUNDBOARD_SOUNDS""#,
    r#""t":"ENTITLEMENT_UPDATE""#,
    r#""t":"ENTITLEMENT_DELETE""#,
    r#""t":"VOICE_CHANNEL_STATUS_UPDATE""#,
    r#""t":"GUILD_SOUNDBOARD_SOUND_CREATE""#,
    r#""t":"GUILD_SOUNDBOARD_SOUND_UPDATE""#,
    r#""t":"GUILD_SOUNDBOARD_SOUND_DELETE""#,
];

/// An event as serenity 0.12 knows events: of components it reads rows only.
fn without_layouts(text: &str) -> String {
    let mut frame: Value = serde_json::from_str(text).unwrap();
    for place in ["/d", "/d/message", "/d/referenced_message"] {
        if let Some(message) = frame.pointer_mut(place)
            && message["flags"].as_u64().unwrap_or(0) & 1 << 15 != 0
        {
            message["components"] = json!([]);
        }
    }
    frame.to_string()
}

/// Requests with the bot's token.
pub(crate) struct Rest {
    sim: Simulator,
    client: reqwest::Client,
    url: String,
    token: String,
}

/// An answer: status, body (`null` when there is none) and content type.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: reqwest::header::HeaderMap,
}

impl Rest {
    pub(crate) fn new(sim: &Simulator) -> Self {
        Self::with_token(sim, &format!("Bot {}", sim.token()))
    }

    pub(crate) fn with_token(sim: &Simulator, token: &str) -> Self {
        Self {
            sim: sim.clone(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: format!("{}/api/v10", sim.api_url()),
            token: token.to_owned(),
        }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answered {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        self.send(request, path).await
    }

    /// Posts texts and a picture, each as a part of its own.
    pub(crate) async fn upload(
        &self,
        path: &str,
        body: &Value,
        picture: &'static [u8],
    ) -> Answered {
        let texts = body.as_object().into_iter().flatten();
        let texts =
            texts.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        let picture = Part::bytes(picture).file_name("picture.png");
        let form = Form::new().part("file", picture);
        let form = texts.fold(form, |form, (key, text)| form.text(key, text));
        self.send(self.request(Method::POST, path).multipart(form), path)
            .await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}/{path}", self.url));
        request.header("Authorization", &self.token)
    }

    /// The status and body of an answer to anything, which need not be in Discord's format.
    pub(crate) async fn send_freely(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> (u16, Value) {
        let response = self.request(method, path).json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn send(&self, request: RequestBuilder, path: &str) -> Answered {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        assert_eq!(self.sim.violations(), [""; 0], "{path}");
        Answered {
            status,
            body,
            headers,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answered {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answered {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answered {
        self.call(Method::DELETE, path, None).await
    }
}

impl Answered {
    /// The body, when the status is as expected.
    #[track_caller]
    pub(crate) fn with(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:#}", self.body);
        self.body
    }

    /// Asserts status and Discord's error code.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: u32) -> Value {
        let body = self.with(status);
        assert_eq!(body["code"], code, "{body:#}");
        body
    }
}
