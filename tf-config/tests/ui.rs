//! What the derive says about its input: one case per rule.

#[test]
fn mistakes_in_the_input_are_reported_at_the_guilty_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
