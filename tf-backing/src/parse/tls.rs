//! The options that decide about encryption, by kind.

use crate::error::{ParseError, Part, Problem};
use crate::kind::Kind;
use crate::locator::Locator;
use crate::tls::{Tls, TlsVerify};
use crate::warning::Warning;

/// What the options say about encryption so far.
#[derive(Debug, Default)]
pub(super) struct Switches {
    /// The kind's own switch.
    mode: Option<Tls>,
    /// A switch that gives way to the kind's own.
    alias: Option<Tls>,
    verify: Option<TlsVerify>,
    /// PostgreSQL: the certificates to trust are the system's, or in a file.
    roots: Option<Roots>,
    contradiction: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Roots {
    System,
    File,
}

/// Whether the option is itself a switch of encryption.
pub(crate) fn is_switch(kind: Kind, name: &str) -> bool {
    let mut switches = Switches::default();
    match switches.note(kind, name, "") {
        Ok(()) => false,
        Err(_) => !matches!(name, "sslrootcert"),
    }
}

impl Switches {
    /// Takes note of one option; fails with a hint on an unknown value.
    pub(super) fn note(&mut self, kind: Kind, name: &str, value: &str) -> Result<(), &'static str> {
        let lower;
        let name = match kind.rules().fold_keys {
            true => {
                lower = name.to_ascii_lowercase();
                lower.as_str()
            }
            false => name,
        };
        match kind {
            Kind::Postgres => self.postgres(name, value),
            Kind::MySql => self.mysql(name, value),
            Kind::Redis => self.redis(name, value),
            Kind::MongoDb => self.mongodb(name, value),
            Kind::Smtp => self.smtp(name, value),
            Kind::Amqp if name == "verify" => match value {
                "verify_none" => self.verify(TlsVerify::None),
                "verify_peer" => self.verify(TlsVerify::Full),
                _ => Err("expected verify_none or verify_peer"),
            },
            Kind::Kafka if matches!(name, "security.protocol" | "security_protocol") => {
                self.mode(match value.to_ascii_uppercase().as_str() {
                    "PLAINTEXT" | "SASL_PLAINTEXT" => Tls::Off,
                    "SSL" | "SASL_SSL" => Tls::FULL,
                    _ => return Err("expected PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
                })
            }
            Kind::ClickHouse if name == "skip_verify" => self.distrust(value),
            Kind::ClickHouse if name == "secure" => self.on_off(value),
            Kind::Cassandra | Kind::Memcached if matches!(name, "ssl" | "tls") => {
                self.on_off(value)
            }
            Kind::S3 if matches!(name, "use_ssl" | "secure" | "ssl" | "tls") => self.on_off(value),
            _ => Ok(()),
        }
    }

    fn postgres(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "sslmode" => self.mode(match value {
                "disable" => Tls::Off,
                "allow" | "prefer" => Tls::Opportunistic,
                "require" => Tls::UNVERIFIED,
                "verify-ca" => Tls::CA,
                "verify-full" => Tls::FULL,
                _ => {
                    return Err(
                        "expected disable, allow, prefer, require, verify-ca or verify-full",
                    );
                }
            }),
            "ssl" => {
                self.alias = Some(if truth(value)? {
                    Tls::UNVERIFIED
                } else {
                    Tls::Off
                });
                Ok(())
            }
            "sslrootcert" => {
                self.roots = Some(if value == "system" {
                    Roots::System
                } else {
                    Roots::File
                });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn mysql(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "ssl-mode" | "sslmode" | "ssl_mode" => self.mode(
                match value.to_ascii_uppercase().replace('-', "_").as_str() {
                    "DISABLED" | "DISABLE" => Tls::Off,
                    "PREFERRED" | "PREFER" => Tls::Opportunistic,
                    "REQUIRED" | "REQUIRE" | "TRUST" => Tls::UNVERIFIED,
                    "VERIFY_CA" => Tls::CA,
                    "VERIFY_IDENTITY" | "VERIFY_FULL" => Tls::FULL,
                    _ => {
                        return Err(
                            "expected DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
                        );
                    }
                },
            ),
            "require_ssl" => {
                self.alias = Some(if truth(value)? {
                    Tls::FULL
                } else {
                    Tls::Opportunistic
                });
                Ok(())
            }
            "ssl" | "tls" | "usessl" => {
                self.alias = Some(if truth(value)? {
                    Tls::UNVERIFIED
                } else {
                    Tls::Off
                });
                Ok(())
            }
            "verify_ca" if !truth(value)? => self.verify(TlsVerify::None),
            "verify_identity" if !truth(value)? && self.verify.is_none() => {
                self.verify(TlsVerify::Ca)
            }
            _ => Ok(()),
        }
    }

    fn redis(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "ssl" | "tls" => self.on_off(value),
            "ssl_cert_reqs" => match value.to_ascii_lowercase().trim_start_matches("cert_") {
                "none" => self.verify(TlsVerify::None),
                "optional" | "required" => self.verify(TlsVerify::Full),
                _ => Err("expected none, optional or required"),
            },
            "ssl_check_hostname" if !truth(value)? && self.verify.is_none() => {
                self.verify(TlsVerify::Ca)
            }
            _ => Ok(()),
        }
    }

    fn mongodb(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let on = || match value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("expected true or false"),
        };
        match name {
            "tls" | "ssl" => {
                let mode = if on()? { Tls::FULL } else { Tls::Off };
                self.contradiction |= self.mode.is_some_and(|other| other != mode);
                self.mode(mode)
            }
            "tlsinsecure" | "tlsallowinvalidcertificates" if on()? => self.verify(TlsVerify::None),
            "tlsallowinvalidhostnames" if on()? && self.verify.is_none() => {
                self.verify(TlsVerify::Ca)
            }
            _ => Ok(()),
        }
    }

    fn smtp(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let required = match name {
            "tls" => match value {
                "required" => true,
                "opportunistic" => false,
                _ => return Err("expected required or opportunistic"),
            },
            "requireTLS" if truth(value)? => true,
            _ => return Ok(()),
        };
        self.mode(Tls::StartTls { required })
    }

    fn mode(&mut self, mode: Tls) -> Result<(), &'static str> {
        self.mode = Some(mode);
        Ok(())
    }

    fn verify(&mut self, verify: TlsVerify) -> Result<(), &'static str> {
        self.verify = Some(verify);
        Ok(())
    }

    fn on_off(&mut self, value: &str) -> Result<(), &'static str> {
        let mode = if truth(value)? { Tls::FULL } else { Tls::Off };
        self.mode(mode)
    }

    fn distrust(&mut self, value: &str) -> Result<(), &'static str> {
        if truth(value)? {
            self.verify = Some(TlsVerify::None);
        }
        Ok(())
    }

    /// Decides, now that every option is known.
    pub(super) fn apply(self, locator: &mut Locator, at: usize) -> Result<(), ParseError> {
        let conflict = |hint| Err(ParseError::new(Problem::Options, Part::Option, at, hint));
        if self.contradiction {
            return conflict("`tls` and `ssl` must agree");
        }
        let implicit = locator.scheme.kind == Kind::Smtp && locator.scheme.tls == Tls::FULL;
        let chosen = self.mode.or(self.alias).filter(|_| !implicit);
        locator.tls = chosen.unwrap_or(locator.scheme.tls);
        match self.roots {
            Some(Roots::System) if self.mode.is_none() => locator.tls = Tls::FULL,
            Some(Roots::System) if locator.tls != Tls::FULL => {
                return conflict("`sslrootcert=system` needs `sslmode=verify-full`");
            }
            // libpq verifies as soon as it has certificates to trust.
            Some(Roots::File) if locator.tls == Tls::UNVERIFIED => locator.tls = Tls::CA,
            _ => {}
        }
        match (locator.tls, self.verify) {
            (Tls::On { .. }, Some(TlsVerify::None)) => distrust(locator),
            (Tls::On { .. }, Some(verify)) => locator.tls = Tls::On { verify },
            _ => {}
        }
        Ok(())
    }
}

/// Turns verification off and says so.
pub(super) fn distrust(locator: &mut Locator) {
    if matches!(locator.tls, Tls::On { .. }) {
        locator.tls = Tls::UNVERIFIED;
        locator.warnings.push(Warning::UnverifiedTls);
    }
}

/// Reads a yes or no.
fn truth(value: &str) -> Result<bool, &'static str> {
    let is_one_of = |words: [&str; 4]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is_one_of(["true", "1", "yes", "on"]) {
        Ok(true)
    } else if is_one_of(["false", "0", "no", "off"]) {
        Ok(false)
    } else {
        Err("expected true or false")
    }
}
