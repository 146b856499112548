//! The REST client: serenity's, over our own HTTP client with time-outs.
//!
//! For Discord itself serenity's rate limiter is on.
//! For any other address it is off: while on, it ignores the address and sends the token to Discord.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serenity::{
    http::{Http, HttpBuilder, HttpError, StatusCode},
    model::{application::CurrentApplicationInfo, id::UserId},
};

use crate::config::Token;

const CONNECT: Duration = Duration::from_secs(5);
const REQUEST: Duration = Duration::from_secs(30);

/// Both clients of one bot: the plain one for what serenity has no call for.
pub(crate) struct Rest {
    pub(crate) http: Arc<Http>,
    pub(crate) client: reqwest::Client,
}

/// What Discord knows about the bot's application.
pub(crate) struct Application {
    pub(crate) owners: BTreeSet<UserId>,
}

/// Why Discord could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestError {
    /// Discord does not know the token.
    #[error("Discord refused the token (401): copy it anew from the application's page")]
    TokenRefused,
    /// There was no answer, or one that makes no sense.
    #[error("asking {place} about the application")]
    Unreachable {
        /// The address that was asked.
        place: String,
        /// What stood in the way.
        source: Box<serenity::Error>,
    },
}

impl Rest {
    pub(crate) fn new(token: &Token, api_url: Option<&str>) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .user_agent(concat!(
                "DiscordBot (cogsmith, ",
                env!("CARGO_PKG_VERSION"),
                ")"
            ))
            .build()?;
        let builder = HttpBuilder::new(token.expose()).client(client.clone());
        let builder = match api_url {
            Some(url) => builder.proxy(url).ratelimiter_disabled(true),
            None => builder,
        };
        Ok(Self {
            http: Arc::new(builder.build()),
            client,
        })
    }

    /// Asks who the bot is, and makes the REST client know it.
    ///
    /// The first request of every start: a wrong token ends it here, before any gateway session is spent.
    pub(crate) async fn application(&self, place: &str) -> Result<Application, RestError> {
        let info = self
            .http
            .get_current_application_info()
            .await
            .map_err(|error| match error {
                serenity::Error::Http(HttpError::UnsuccessfulRequest(response))
                    if response.status_code == StatusCode::UNAUTHORIZED =>
                {
                    RestError::TokenRefused
                }
                error => RestError::Unreachable {
                    place: place.to_owned(),
                    source: Box::new(error),
                },
            })?;
        self.http.set_application_id(info.id);
        Ok(Application {
            owners: owners(&info),
        })
    }
}

/// A team's application belongs to its members, any other to its owner.
fn owners(info: &CurrentApplicationInfo) -> BTreeSet<UserId> {
    match &info.team {
        Some(team) => team.members.iter().map(|member| member.user.id).collect(),
        None => info.owner.iter().map(|owner| owner.id).collect(),
    }
}
