//! The options whose values may be shown, and those known to hold secrets.

use crate::kind::Kind;

/// What is known of an option's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Its value says nothing secret.
    Harmless,
    /// Its value is a secret.
    Secret,
    /// Its value may be anything.
    Unknown,
}

/// The longest name in the lists.
const MAX: usize = 40;

/// Classifies an option by its name, in any case.
pub(crate) fn class(kind: Kind, name: &str) -> Class {
    let mut lower = [0; MAX];
    let Some(lower) = lower.get_mut(..name.len()) else {
        return Class::Unknown;
    };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let name: &[u8] = lower;
    let harmless = match kind {
        Kind::Postgres => postgres(name),
        Kind::MySql => mysql(name),
        Kind::Sqlite => sqlite(name),
        Kind::Redis => redis(name),
        Kind::Amqp => amqp(name),
        Kind::MongoDb => mongodb(name),
        Kind::Mqtt | Kind::Nats | Kind::Kafka => messaging(name),
        Kind::S3 | Kind::Http | Kind::Elasticsearch => web(name),
        Kind::Smtp => name == b"requiretls",
        Kind::ClickHouse => matches!(name, b"database" | b"compress"),
        Kind::Cassandra => matches!(name, b"consistency" | b"datacenter" | b"local_datacenter"),
        Kind::Memcached | Kind::Other => false,
    };
    if harmless || common(name) {
        Class::Harmless
    } else if secret(name) {
        Class::Secret
    } else {
        Class::Unknown
    }
}

/// Whether the kind's own clients know the option; `true` for kinds without a closed list.
pub(crate) fn is_expected(kind: Kind, name: &str) -> bool {
    match kind {
        // libpq's names have one case, so that the common ones need no look at the other.
        Kind::Postgres if postgres(name.as_bytes()) => true,
        Kind::Postgres | Kind::MongoDb => class(kind, name) != Class::Unknown,
        _ => true,
    }
}

/// Names that mean the same harmless thing wherever they occur.
fn common(name: &[u8]) -> bool {
    matches!(
        name,
        b"tls"
            | b"ssl"
            | b"secure"
            | b"skip_verify"
            | b"timeout"
            | b"timeout_ms"
            | b"connect_timeout"
            | b"connection_timeout"
            | b"socket_timeout"
            | b"read_timeout"
            | b"write_timeout"
            | b"idle_timeout"
            | b"max_lifetime"
            | b"heartbeat"
            | b"keepalive"
            | b"keep_alive"
            | b"retry"
            | b"retries"
            | b"pool"
            | b"pool_size"
            | b"pool_min"
            | b"pool_max"
            | b"pool_timeout"
            | b"min_connections"
            | b"max_connections"
            | b"max_idle"
            | b"connection_limit"
            | b"compression"
            | b"charset"
            | b"encoding"
            | b"timezone"
            | b"protocol"
            | b"version"
            | b"name"
            | b"client_name"
            | b"region"
    )
}

fn secret(name: &[u8]) -> bool {
    matches!(
        name,
        b"password"
            | b"passwd"
            | b"pwd"
            | b"pass"
            | b"sslpassword"
            | b"sslkeypassword"
            | b"tlscertificatekeyfilepassword"
            | b"authmechanismproperties"
            | b"sentinelpassword"
            | b"sentinel_password"
            | b"proxypassword"
            | b"access_token"
            | b"token"
            | b"secret"
            | b"secret_key"
            | b"aws_secret_access_key"
            | b"secret_access_key"
            | b"session_token"
            | b"sas"
            | b"sig"
            | b"signature"
            | b"key"
            | b"api_key"
            | b"apikey"
            | b"key-password"
            | b"key_password"
            | b"passphrase"
            | b"sasl.password"
            | b"sasl.jaas.config"
            // PostgreSQL: sets any variable, an application's secret too.
            | b"options"
    )
}

fn postgres(name: &[u8]) -> bool {
    matches!(
        name,
        b"hostaddr"
            | b"passfile"
            | b"channel_binding"
            | b"client_encoding"
            | b"application_name"
            | b"fallback_application_name"
            | b"keepalives"
            | b"keepalives_idle"
            | b"keepalives_interval"
            | b"keepalives_count"
            | b"tcp_user_timeout"
            | b"replication"
            | b"gssencmode"
            | b"sslmode"
            | b"requiressl"
            | b"sslnegotiation"
            | b"sslcompression"
            | b"sslcert"
            | b"sslkey"
            | b"sslcertmode"
            | b"sslrootcert"
            | b"sslcrl"
            | b"sslcrldir"
            | b"sslsni"
            | b"requirepeer"
            | b"require_auth"
            | b"ssl_min_protocol_version"
            | b"ssl_max_protocol_version"
            | b"krbsrvname"
            | b"gsslib"
            | b"gssdelegation"
            | b"service"
            | b"servicefile"
            | b"target_session_attrs"
            | b"load_balance_hosts"
            | b"min_protocol_version"
            | b"max_protocol_version"
            | b"statement-cache-capacity"
            | b"prepared_statements"
            | b"pgbouncer"
            | b"schema"
            | b"search_path"
            | b"statement_timeout"
            | b"lock_timeout"
    )
}

fn mysql(name: &[u8]) -> bool {
    matches!(
        name,
        b"ssl-mode"
            | b"sslmode"
            | b"ssl_mode"
            | b"usessl"
            | b"require_ssl"
            | b"verify_ca"
            | b"verify_identity"
            | b"ssl-ca"
            | b"ssl-capath"
            | b"ssl-cert"
            | b"ssl-key"
            | b"ssl-crl"
            | b"ssl-cipher"
            | b"sslca"
            | b"sslcert"
            | b"sslkey"
            | b"tls-version"
            | b"tls-versions"
            | b"tls-ciphersuites"
            | b"auth-method"
            | b"get-server-public-key"
            | b"server-public-key-path"
            | b"connect-timeout"
            | b"connecttimeout"
            | b"compression-algorithms"
            | b"compression-level"
            | b"local-infile"
            | b"collation"
            | b"unicode"
            | b"parsetime"
            | b"loc"
            | b"reconnect"
            | b"prefer_socket"
            | b"tcp_keepalive_time_ms"
            | b"statement-cache-capacity"
            | b"stmt_cache_size"
            | b"conn_ttl"
            | b"wait_timeout"
    )
}

fn sqlite(name: &[u8]) -> bool {
    matches!(
        name,
        b"mode"
            | b"cache"
            | b"vfs"
            | b"immutable"
            | b"psow"
            | b"nolock"
            | b"busy_timeout"
            | b"journal_mode"
    )
}

fn redis(name: &[u8]) -> bool {
    matches!(
        name,
        b"db"
            | b"ssl_cert_reqs"
            | b"ssl_ca_certs"
            | b"ssl_certfile"
            | b"ssl_keyfile"
            | b"ssl_check_hostname"
            | b"client_name"
            | b"clientname"
            | b"socket_connect_timeout"
            | b"socket_keepalive"
            | b"retry_on_timeout"
            | b"health_check_interval"
            | b"decode_responses"
            | b"node"
            | b"sentinelservicename"
            | b"sentinelmasterid"
            | b"sentinelusername"
            | b"mastername"
            | b"role"
    )
}

fn amqp(name: &[u8]) -> bool {
    matches!(
        name,
        b"frame_max"
            | b"channel_max"
            | b"auth_mechanism"
            | b"cacertfile"
            | b"certfile"
            | b"keyfile"
            | b"verify"
            | b"fail_if_no_peer_cert"
            | b"server_name_indication"
            | b"depth"
            | b"locale"
            | b"connection_name"
            | b"product"
    )
}

fn mongodb(name: &[u8]) -> bool {
    matches!(
        name,
        b"appname"
            | b"authmechanism"
            | b"authsource"
            | b"compressors"
            | b"connecttimeoutms"
            | b"directconnection"
            | b"heartbeatfrequencyms"
            | b"journal"
            | b"loadbalanced"
            | b"localthresholdms"
            | b"maxconnecting"
            | b"maxidletimems"
            | b"maxpoolsize"
            | b"maxstalenessseconds"
            | b"minpoolsize"
            | b"proxyhost"
            | b"proxyport"
            | b"proxyusername"
            | b"readconcernlevel"
            | b"readpreference"
            | b"readpreferencetags"
            | b"replicaset"
            | b"retryreads"
            | b"retrywrites"
            | b"servermonitoringmode"
            | b"serverselectiontimeoutms"
            | b"serverselectiontryonce"
            | b"sockettimeoutms"
            | b"srvmaxhosts"
            | b"srvservicename"
            | b"timeoutms"
            | b"tlsallowinvalidcertificates"
            | b"tlsallowinvalidhostnames"
            | b"tlscafile"
            | b"tlscertificatekeyfile"
            | b"tlsdisablecertificaterevocationcheck"
            | b"tlsdisableocspendpointcheck"
            | b"tlsinsecure"
            | b"uuidrepresentation"
            | b"w"
            | b"waitqueuetimeoutms"
            | b"wtimeoutms"
            | b"zlibcompressionlevel"
    )
}

fn messaging(name: &[u8]) -> bool {
    matches!(
        name,
        b"client_id"
            | b"clientid"
            | b"client.id"
            | b"keep_alive_secs"
            | b"clean_session"
            | b"clean"
            | b"qos"
            | b"group.id"
            | b"group_id"
            | b"topic"
            | b"topics"
            | b"security.protocol"
            | b"security_protocol"
            | b"sasl.mechanism"
            | b"sasl.mechanisms"
            | b"sasl_mechanism"
            | b"authmechanism"
            | b"acks"
            | b"linger.ms"
            | b"auto.offset.reset"
            | b"subject"
            | b"stream"
    )
}

fn web(name: &[u8]) -> bool {
    matches!(
        name,
        b"use_ssl" | b"path_style" | b"force_path_style" | b"pretty" | b"api-version" | b"format"
    )
}
