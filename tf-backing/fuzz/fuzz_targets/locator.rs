//! Any text: a value that writes itself back and hides its password, or an error; never a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use secrecy::ExposeSecret;
use tf_backing::{Kind, Locator, ParseOptions};

fuzz_target!(|text: &str| {
    let rules = ParseOptions::new()
        .lenient_user_info(true)
        .expect(Kind::Kafka);
    for result in [Locator::parse(text), Locator::parse_with(text, &rules)] {
        let Ok(locator) = result else { continue };
        let url = locator.expose_url();
        // Escapes make a text longer, up to the limit.
        if url.len() <= 65_536 {
            assert_eq!(Locator::parse_with(&url, &rules).as_ref(), Ok(&locator));
        }
        let _ = (
            locator.endpoints(),
            locator.identity(),
            locator.expose_to_urls(),
        );
        let password = locator
            .password()
            .map(ExposeSecret::expose_secret)
            .unwrap_or_default();
        let elsewhere = without_password(&locator);
        // One with signs in it may be made up of neighbouring parts.
        let is_word =
            password.len() >= 6 && password.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if is_word && !elsewhere.contains(password) {
            assert!(!format!("{locator} {locator:?}").contains(password));
        }
    }
});

/// The parts that are shown and may hold the same text as the password by themselves.
fn without_password(locator: &Locator) -> String {
    let options: Vec<String> = locator
        .options()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let hosts: Vec<String> = locator.hosts().map(|node| node.host.to_string()).collect();
    format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        locator.scheme(),
        locator.username().unwrap_or_default(),
        hosts.join(","),
        locator.resource().unwrap_or_default(),
        options.join("&"),
        locator.identity(),
    )
}
