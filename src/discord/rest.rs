//! Serenity's REST client, all of whose requests pass the forwarder of [`crate::rest`].

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use cogsmith_tasks::{Clock, ErrorChain};
use reqwest::header::DATE;
use serenity::{
    http::{Http, HttpBuilder, StatusCode},
    model::{
        application::{ApplicationFlags, CurrentApplicationInfo},
        gateway::GatewayIntents,
        id::{ApplicationId, UserId},
        user::User,
    },
};

use crate::{
    config::{BotConfig, RestConfig},
    error::{Error, Result},
    module::{passes, status},
    rest::{Answers, Brake, DISCORD, Failure, Forwarder, Loopback, persist},
};

const USER_AGENT: &str = concat!("DiscordBot (cogsmith, ", env!("CARGO_PKG_VERSION"), ")");

/// The ways to Discord's REST API. Dropping it ends every request that still waits.
pub(crate) struct Rest {
    /// For commands and modules.
    pub(crate) http: Arc<Http>,
    /// For the one request that the gateway makes itself.
    pub(crate) client: reqwest::Client,
    loopback: Loopback,
    /// Counts what Discord refuses.
    pub(crate) brake: Brake,
}

/// What Discord knows about the bot's application.
pub(crate) struct Application {
    pub(crate) id: ApplicationId,
    pub(crate) name: String,
    /// Its team, or whoever made it.
    pub(crate) owners: BTreeMap<UserId, String>,
    /// Whether others than its owners may add it to a server.
    pub(crate) is_public: bool,
    /// Whether adding it takes more than an address.
    pub(crate) needs_code_grant: bool,
    /// The privileged intents that are switched on for it.
    pub(crate) privileged: GatewayIntents,
}

/// Why Discord refused what a start needs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// Discord does not know the token.
    #[error("Discord refused the token (401): copy it anew from the application's page")]
    TokenRefused,
    /// An answer that would be the same the next time.
    #[error("{place} refused {what}; trying again is of no use")]
    Refused {
        /// The address that was asked.
        place: String,
        /// What was asked for.
        what: &'static str,
        /// The answer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Rest {
    /// Requests are sent by the runtime that this is awaited on.
    pub(crate) async fn new(config: BotConfig) -> Result<Self> {
        Self::on(Clock::system(), config).await
    }

    /// As [`Rest::new`]; waits of minutes go by this clock.
    pub(crate) async fn on(clock: Clock, config: BotConfig) -> Result<Self> {
        let BotConfig {
            token,
            api_url,
            rest,
            ..
        } = config;
        let client = client(&rest)?;
        let brake = Brake::new(clock);
        let (api_url, braked) = (api_url.as_deref(), brake.clone());
        let forwarder = Forwarder::new(client.clone(), token, api_url, rest, braked);
        let loopback = Loopback::start(forwarder).await?;
        // The forwarder bounds each request; a proxy leads away from this machine.
        let own = reqwest::Client::builder().no_proxy().build()?;
        let http = HttpBuilder::new(loopback.key())
            .client(own)
            .proxy(loopback.url())
            .ratelimiter_disabled(true)
            .build();
        Ok(Self {
            http: Arc::new(http),
            client,
            loopback,
            brake,
        })
    }

    /// The answers to interactions.
    pub(crate) fn answers(&self) -> Answers {
        self.loopback.answers()
    }

    /// Asks who the bot is, until it is answered, and makes the REST client know it.
    ///
    /// The first request of every start: a wrong token ends it here, before any gateway session is spent.
    pub(crate) async fn application(&self, place: &str) -> Result<Application, RestError> {
        let what = format!("asking {place} about the application");
        persist(&what, || self.try_application(place)).await
    }

    /// As [`Rest::application`], for whoever does not wait for Discord to answer again.
    ///
    /// # Errors
    /// [`RestError`], or why Discord did not answer.
    pub(crate) async fn application_once(&self, place: &str) -> Result<Application> {
        let asked = self.try_application(place).await;
        asked.map_err(|failure| match failure {
            Failure::Lasting(error) => error.into(),
            Failure::Passing { reason, .. } => {
                anyhow!("asking {place} about the application: {reason}")
            }
        })
    }

    /// What time it is at Discord, to the second.
    ///
    /// # Errors
    /// It does not answer, or does not say.
    pub(crate) async fn date(&self, api_url: Option<&str>) -> Result<DateTime<Utc>> {
        let url = format!("{}/api/v10/gateway", api_url.unwrap_or(DISCORD));
        let answer = self.client.get(url).send().await?;
        let date = answer
            .headers()
            .get(DATE)
            .context("no Date in its answer")?;
        Ok(DateTime::parse_from_rfc2822(date.to_str()?)?.to_utc())
    }

    async fn try_application(&self, place: &str) -> Result<Application, Failure<RestError>> {
        let info = self.http.get_current_application_info().await;
        let info =
            info.map_err(|error| failure(error.into(), place, "to tell about the application"))?;
        self.http.set_application_id(info.id);
        Ok(info.into())
    }
}

impl From<CurrentApplicationInfo> for Application {
    fn from(info: CurrentApplicationInfo) -> Self {
        Self {
            id: info.id,
            owners: owners(&info),
            name: info.name,
            is_public: info.bot_public,
            needs_code_grant: info.bot_require_code_grant,
            privileged: privileged(info.flags),
        }
    }
}

/// What requests to Discord are sent with. A proxy is what is configured: the environment is `config`'s to read.
fn client(config: &RestConfig) -> reqwest::Result<reqwest::Client> {
    let suffix = config.user_agent_suffix.iter();
    let user_agent = suffix.fold(USER_AGENT.to_owned(), |it, suffix| format!("{it} {suffix}"));
    let mut builder = reqwest::Client::builder()
        .connect_timeout(config.connect)
        .timeout(config.attempt)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(user_agent)
        .no_proxy();
    for certificate in &config.certificates {
        builder = builder.add_root_certificate(certificate.clone());
    }
    if let Some(proxy) = &config.proxy {
        builder = builder.proxy(reqwest::Proxy::all(proxy.expose())?);
    }
    builder.build()
}

/// Whether another attempt may succeed.
pub(super) fn failure(error: Error, place: &str, what: &'static str) -> Failure<RestError> {
    if status(&error) == Some(StatusCode::UNAUTHORIZED) {
        return Failure::Lasting(RestError::TokenRefused);
    }
    if passes(&error) {
        return Failure::passing(ErrorChain(&error).to_string());
    }
    Failure::Lasting(RestError::Refused {
        place: place.to_owned(),
        what,
        source: error.into(),
    })
}

/// See Discord docs/Resources/Application, Application Flags. Where Discord does not say, a session will tell.
fn privileged(flags: Option<ApplicationFlags>) -> GatewayIntents {
    use ApplicationFlags as Flag;
    let Some(flags) = flags else {
        return GatewayIntents::privileged();
    };
    let table = [
        (
            Flag::GATEWAY_PRESENCE | Flag::GATEWAY_PRESENCE_LIMITED,
            GatewayIntents::GUILD_PRESENCES,
        ),
        (
            Flag::GATEWAY_GUILD_MEMBERS | Flag::GATEWAY_GUILD_MEMBERS_LIMITED,
            GatewayIntents::GUILD_MEMBERS,
        ),
        (
            Flag::GATEWAY_MESSAGE_CONTENT | Flag::GATEWAY_MESSAGE_CONTENT_LIMITED,
            GatewayIntents::MESSAGE_CONTENT,
        ),
    ];
    let granted = table
        .into_iter()
        .filter(|(flag, _)| flags.intersects(*flag));
    granted.map(|(_, intent)| intent).collect()
}

/// A team's application belongs to its members, any other to its owner.
fn owners(info: &CurrentApplicationInfo) -> BTreeMap<UserId, String> {
    let named = |user: &User| (user.id, user.name.clone());
    match &info.team {
        Some(team) => team.members.iter().map(|it| named(&it.user)).collect(),
        None => info.owner.iter().map(named).collect(),
    }
}
