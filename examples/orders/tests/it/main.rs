//! The service in process, on SQLite: no server is needed.
