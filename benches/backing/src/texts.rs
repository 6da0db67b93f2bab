//! The locators that are parsed, and what every contestant must find in them.

/// One locator, and those who parse it: first the measure of the others, then the kit.
pub struct Text {
    pub name: &'static str,
    pub url: &'static str,
    pub parts: Parts,
    pub contestants: &'static [&'static str],
}

/// What a service needs to connect, decoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub user: String,
    pub password: String,
    pub host: String,
    pub port: u16,
    pub resource: String,
}

pub fn all() -> [Text; 3] {
    let parts = |password: &str, host: &str, port, resource: &str| Parts {
        user: "app_user".to_owned(),
        password: password.to_owned(),
        host: host.to_owned(),
        port,
        resource: resource.to_owned(),
    };
    [
        Text {
            name: "PostgreSQL",
            url: "postgres://app_user:s3cr3t%23pa%2Fss@db-1.internal.example:5432/orders?sslmode=require",
            parts: parts("s3cr3t#pa/ss", "db-1.internal.example", 5432, "orders"),
            contestants: &[
                "url",
                "tf-backing",
                "url-owned-parts",
                "sqlx",
                "tokio-postgres",
                "hand",
            ],
        },
        Text {
            name: "Redis",
            url: "redis://app_user:s3cr3t%23@cache.internal.example:6379/2",
            parts: parts("s3cr3t#", "cache.internal.example", 6379, "2"),
            contestants: &["url", "tf-backing", "url-owned-parts", "redis", "hand"],
        },
        Text {
            name: "AMQP",
            url: "amqp://app_user:s3cr3t%23pa%2Fss@mq-1.internal.example:5672/orders?heartbeat=10",
            parts: parts("s3cr3t#pa/ss", "mq-1.internal.example", 5672, "orders"),
            contestants: &["url", "tf-backing", "url-owned-parts", "amq-uri", "hand"],
        },
    ]
}
