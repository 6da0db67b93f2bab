//! PostgreSQL, MySQL, SQLite, Redis, MongoDB.

use super::view;
use crate::parse::ParseOptions;
use crate::scheme::Form;

view! {
    /// A PostgreSQL database.
    Postgres, "a PostgreSQL URL",
    "postgres, postgresql, postgis, pgsql, pg, timescale, cockroachdb or redshift",
    ParseOptions::new()
}

impl Postgres {
    /// Returns the database; `None` for the one named as the user.
    pub fn database(&self) -> Option<&str> {
        self.0.resource().filter(|name| !name.is_empty())
    }
}

view! {
    /// A MySQL or MariaDB schema.
    ///
    /// ```
    /// use tf_backing::MySql;
    ///
    /// let error = "postgres://db/orders".parse::<MySql>().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "service of another kind; expected a MySQL URL: mysql, mariadb, mysql2, aurora, percona or mysqlx"
    /// );
    /// ```
    MySql, "a MySQL URL",
    "mysql, mariadb, mysql2, aurora, percona or mysqlx",
    ParseOptions::new()
}

impl MySql {
    /// Returns the schema, which MySQL also calls database.
    pub fn database(&self) -> Option<&str> {
        self.0.resource().filter(|name| !name.is_empty())
    }
}

view! {
    /// An SQLite database: a file or memory.
    Sqlite, "an SQLite URL", "sqlite or sqlite3", ParseOptions::new()
}

impl Sqlite {
    /// Returns the path as sqlx and dburl read it: `sqlite:///x` is the absolute `/x`.
    ///
    /// `None` for a database in memory.
    pub fn path(&self) -> Option<&str> {
        self.0.resource().filter(|_| !self.is_memory())
    }

    /// Returns the path as SQLAlchemy and Django read it: `sqlite:///x` is the relative `x`.
    ///
    /// Four slashes are absolute for all of them.
    pub fn sqlalchemy_path(&self) -> Option<&str> {
        self.path()
            .map(|path| path.strip_prefix('/').unwrap_or(path))
    }

    /// Returns whether nothing is kept: `:memory:`, `?mode=memory` or no path at all.
    pub fn is_memory(&self) -> bool {
        matches!(self.0.resource(), None | Some(":memory:"))
            || self.0.options().last("mode") == Some("memory")
    }
}

view! {
    /// A Redis or Valkey database.
    Redis, "a Redis URL",
    "redis, rediss, valkey, valkeys, redis+unix, redis-sentinel or redis-cluster",
    ParseOptions::new()
}

/// How the hosts of a Redis locator belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RedisTopology {
    /// One server.
    Standalone,
    /// Sentinels, which know the server.
    Sentinel,
    /// Nodes of a cluster.
    Cluster,
}

impl Redis {
    /// Returns the number of the database, 0 where none is written.
    pub fn database(&self) -> u32 {
        self.0
            .resource()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0)
    }

    /// Returns what the hosts are, which the scheme says.
    pub fn topology(&self) -> RedisTopology {
        match self.0.scheme.form {
            Form::Sentinel => RedisTopology::Sentinel,
            Form::Cluster => RedisTopology::Cluster,
            _ => RedisTopology::Standalone,
        }
    }
}

view! {
    /// A MongoDB deployment.
    MongoDb, "a MongoDB URL", "mongodb or mongodb+srv", ParseOptions::new()
}

impl MongoDb {
    /// Returns the database.
    pub fn database(&self) -> Option<&str> {
        self.0.resource().filter(|name| !name.is_empty())
    }

    /// Returns the database that knows the user: `authSource`, the database, or `admin`.
    pub fn auth_source(&self) -> &str {
        let option = self.0.options().last("authSource");
        option.or_else(|| self.database()).unwrap_or("admin")
    }

    /// Returns the name of the replica set.
    pub fn replica_set(&self) -> Option<&str> {
        self.0.options().last("replicaSet")
    }

    /// Returns whether DNS lists the hosts.
    pub fn is_srv(&self) -> bool {
        self.0.scheme.form == Form::Srv
    }
}
