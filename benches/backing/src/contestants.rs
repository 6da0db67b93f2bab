//! The peers, each by the one call that takes a text.

use std::fmt::Debug;
use std::hint::black_box;

use amq_protocol_uri::AMQPUri;
use bench_support::Job;
use percent_encoding::percent_decode_str;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};
use secrecy::ExposeSecret;
use sqlx_postgres::PgConnectOptions;
use tf_backing::{Host, Locator};
use tokio_postgres::config::{Config, Host as PostgresHost};
use url::Url;

use crate::by_hand;
use crate::texts::{Parts, Text};

/// Does `job` with the named contestant.
pub fn race(job: Job, text: &Text, contestant: &str) {
    match contestant {
        "url" => parse(job, text, Url::parse, |url| owned_parts(url).parts),
        "url-owned-parts" => parse(
            job,
            text,
            |url| Url::parse(url).map(|url| owned_parts(&url)),
            |owned| owned.parts.clone(),
        ),
        "tf-backing" => parse(job, text, Locator::parse, of_locator),
        "sqlx" => parse(job, text, str::parse::<PgConnectOptions>, of_sqlx),
        "tokio-postgres" => parse(job, text, str::parse::<Config>, of_tokio_postgres),
        "redis" => parse(
            job,
            text,
            IntoConnectionInfo::into_connection_info,
            of_redis,
        ),
        "amq-uri" => parse(job, text, str::parse::<AMQPUri>, |uri| Parts {
            user: uri.authority.userinfo.username.clone(),
            password: uri.authority.userinfo.password.clone(),
            host: uri.authority.host.clone(),
            port: uri.authority.port,
            resource: uri.vhost.clone(),
        }),
        "hand" => parse(
            job,
            text,
            |url| by_hand::parse(url).ok_or("no locator"),
            |cut| Parts {
                user: cut.user().to_owned(),
                password: cut.password.clone(),
                host: cut.host().to_owned(),
                port: cut.port,
                resource: cut.resource().to_owned(),
            },
        ),
        _ => panic!("no contestant is called {contestant}"),
    }
}

/// Checks once that the contestant reads every part right, then does the job.
fn parse<T, E: Debug>(
    job: Job,
    text: &Text,
    parse: impl Fn(&'static str) -> Result<T, E>,
    parts: impl Fn(&T) -> Parts,
) {
    let parsed = parse(text.url).expect("every contestant takes the text");
    assert_eq!(parts(&parsed), text.parts);
    drop(parsed);
    job.run(|| parse(black_box(text.url)));
}

/// What one takes from a `Url` to keep.
struct Owned {
    parts: Parts,
    #[expect(dead_code, reason = "it is what a caller keeps")]
    scheme: String,
    #[expect(dead_code, reason = "it is what a caller keeps")]
    options: Vec<(String, String)>,
}

fn owned_parts(url: &Url) -> Owned {
    let decoded = |text| {
        let decoded = percent_decode_str(text).decode_utf8();
        decoded.expect("the texts are UTF-8").into_owned()
    };
    Owned {
        scheme: url.scheme().to_owned(),
        parts: Parts {
            user: decoded(url.username()),
            password: decoded(url.password().unwrap_or_default()),
            host: decoded(url.host_str().unwrap_or_default()),
            port: url.port().expect("the texts have a port"),
            resource: decoded(url.path().trim_start_matches('/')),
        },
        options: url.query_pairs().into_owned().collect(),
    }
}

fn of_locator(locator: &Locator) -> Parts {
    let node = locator.hosts().next().expect("the texts have a host");
    let Host::Name(host) = node.host else {
        panic!("the hosts of the texts are names");
    };
    Parts {
        user: text_of(locator.username()),
        password: text_of(locator.password().map(ExposeSecret::expose_secret)),
        host: host.to_owned(),
        port: node.port.expect("the texts have a port"),
        resource: text_of(locator.resource()),
    }
}

/// Its password has no accessor, only a `Debug` that shows it.
fn of_sqlx(options: &PgConnectOptions) -> Parts {
    let debug = format!("{options:?}");
    let (_, rest) = debug.split_once("password: Some(\"").unwrap_or_default();
    Parts {
        user: options.get_username().to_owned(),
        password: rest.split('"').next().unwrap_or_default().to_owned(),
        host: options.get_host().to_owned(),
        port: options.get_port(),
        resource: text_of(options.get_database()),
    }
}

fn of_tokio_postgres(config: &Config) -> Parts {
    let PostgresHost::Tcp(host) = &config.get_hosts()[0] else {
        panic!("the hosts of the texts are names");
    };
    let password = config.get_password().unwrap_or_default();
    Parts {
        user: text_of(config.get_user()),
        password: String::from_utf8_lossy(password).into_owned(),
        host: host.clone(),
        port: config.get_ports()[0],
        resource: text_of(config.get_dbname()),
    }
}

fn of_redis(info: &ConnectionInfo) -> Parts {
    let ConnectionAddr::Tcp(host, port) = info.addr() else {
        panic!("the texts have a TCP port");
    };
    let login = info.redis_settings();
    Parts {
        user: text_of(login.username()),
        password: text_of(login.password()),
        host: host.clone(),
        port: *port,
        resource: login.db().to_string(),
    }
}

fn text_of(part: Option<&str>) -> String {
    part.unwrap_or_default().to_owned()
}
