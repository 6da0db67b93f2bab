//! The derive behind `tf-config`.
