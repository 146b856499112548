//! How Discord's REST API is reached: time-outs, certificates, proxy, limits and repetitions.

use std::{fmt, fs, time::Duration};

use reqwest::{Certificate, Url};

use super::{Problem, Problems, Variables, row::Row, table};

/// How requests are sent.
#[derive(Debug, Clone)]
pub struct RestConfig {
    /// How long opening a connection may take.
    pub connect: Duration,
    /// How long one attempt of a request may take; one with a body has a second more for each 64 KiB.
    pub attempt: Duration,
    /// What is said behind the bot's own user agent.
    pub user_agent_suffix: Option<String>,
    /// Whom to trust beside the authorities that are built in.
    pub certificates: Vec<Certificate>,
    /// The proxy that every request goes through.
    pub proxy: Option<ProxyUrl>,
    /// How long a request waits for Discord's limits before it is an error.
    pub max_rate_limit: Duration,
    /// How often a request that failed is sent again.
    pub max_retries: usize,
}

/// The address of a proxy, whose name and password are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

impl Default for RestConfig {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(30),
            user_agent_suffix: None,
            certificates: Vec::new(),
            proxy: None,
            max_rate_limit: Duration::from_secs(300),
            max_retries: 3,
        }
    }
}

impl RestConfig {
    /// Reads the variables.
    ///
    /// # Errors
    /// Every problem found.
    pub(super) fn read(variables: &Variables) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let connect = problems.keep(variables.read(&table::CONNECT_SECONDS));
        let attempt = problems.keep(variables.read(&table::REQUEST_SECONDS));
        let user_agent_suffix = problems.keep(variables.read(&table::USER_AGENT_SUFFIX));
        let certificates = problems.keep(variables.read(&table::DISCORD_CA_BUNDLE));
        let proxy = problems.keep(variables.read(&table::DISCORD_PROXY));
        let max_rate_limit = problems.keep(variables.read(&table::MAX_RATE_LIMIT));
        let max_retries = problems.keep(variables.read(&table::MAX_RETRIES));
        problems.into_result()?;
        let default = Self::default();
        Ok(Self {
            connect: connect.flatten().unwrap_or(default.connect),
            attempt: attempt.flatten().unwrap_or(default.attempt),
            user_agent_suffix: user_agent_suffix.flatten(),
            certificates: certificates.flatten().unwrap_or_default(),
            proxy: proxy.flatten(),
            max_rate_limit: max_rate_limit.flatten().unwrap_or(default.max_rate_limit),
            max_retries: max_retries.flatten().unwrap_or(default.max_retries),
        })
    }
}

impl ProxyUrl {
    fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let is_proxy = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none();
        is_proxy.then_some(Self(url))
    }

    /// The address with name and password, for the wire only.
    pub(crate) fn expose(&self) -> Url {
        self.0.clone()
    }
}

/// Without name and password.
impl fmt::Display for ProxyUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(out, "{}://{host}", self.0.scheme())?;
        match self.0.port() {
            Some(port) => write!(out, ":{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// A wrong address may hold a password all the same.
pub(super) fn proxy(row: &Row, text: &str) -> Result<ProxyUrl, Problems> {
    let found = "another address, or none";
    ProxyUrl::parse(text).ok_or_else(|| Problem::new(row.name, found, row.kind.to_string()).into())
}

pub(super) fn shown_proxy(value: &str) -> String {
    let url = ProxyUrl::parse(value);
    url.map_or_else(|| "(hidden)".to_owned(), |url| url.to_string())
}

/// The certificates of a file, each of which can be used.
pub(super) fn certificates(row: &Row, path: &str) -> Result<Vec<Certificate>, Problems> {
    let wrong = |what: &str| -> Problems {
        let found = format!("{path} ({what})");
        Problem::new(row.name, found, row.kind.to_string()).into()
    };
    let pem = fs::read(path).map_err(|error| wrong(&error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if certificates.is_empty() {
        return Err(wrong("no certificate in it"));
    }
    let trusting = reqwest::Client::builder().tls_built_in_root_certs(false);
    let trusting = certificates
        .iter()
        .cloned()
        .fold(trusting, |builder, it| builder.add_root_certificate(it));
    match trusting.build() {
        Ok(_) => Ok(certificates),
        Err(_) => Err(wrong("a certificate in it is none")),
    }
}

/// Visible characters and spaces, as a header takes them.
pub(super) fn user_agent(row: &Row, text: &str) -> Result<String, Problems> {
    let is_header = |text: &str| text.chars().all(|it| it == ' ' || it.is_ascii_graphic());
    match (1..=200).contains(&text.len()) && is_header(text) {
        true => Ok(text.to_owned()),
        false => Err(row.problem(text).into()),
    }
}
