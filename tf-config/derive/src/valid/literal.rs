//! Defaults and ranges against the field's type, as far as both are known here.

use syn::Lit;

use crate::ast::{Field, Form};
use crate::attr::{DefaultValue, Literal, Range};
use crate::ctxt::Ctxt;
use crate::kind::Known;

pub(super) fn check(ctxt: &Ctxt, field: &Field<'_>) {
    if let Some(range) = field.attrs.range.get().filter(|_| field.known.has_order()) {
        check_range(ctxt, field.known, range);
    }
    let Some(default) = field.attrs.default.get() else {
        return;
    };
    match (default, &field.form) {
        (DefaultValue::One(literal), Form::Scalar) => check_default(ctxt, field, literal),
        (DefaultValue::List(items, _), Form::List(_)) => {
            for item in items {
                check_default(ctxt, field, item);
            }
        }
        (DefaultValue::List(_, brackets), Form::Scalar) => {
            ctxt.error(*brackets, "`[…]` is the default of a list");
        }
        (DefaultValue::List(items, brackets), Form::Map(..)) if !items.is_empty() => {
            ctxt.error(
                *brackets,
                "write the default of a map as text, such as \"a=1,b=2\"",
            );
        }
        (DefaultValue::One(literal), _) if literal.text().is_none() => {
            ctxt.error_at(literal, UNUSABLE);
        }
        _ => {}
    }
}

pub(super) const UNUSABLE: &str =
    "expected text, a number without a suffix, a character or a boolean";

fn check_default(ctxt: &Ctxt, field: &Field<'_>, literal: &Literal) {
    let Some(text) = literal.text() else {
        ctxt.error_at(literal, UNUSABLE);
        return;
    };
    if let Some(message) = misfit(field.known, literal, &text) {
        ctxt.error_at(literal, message);
        return;
    }
    if let Some(range) = field.attrs.range.get() {
        if is_outside(range, &text) {
            ctxt.error_at(literal, "the default is outside the field's range");
        }
    }
}

/// Why the text is no value of the type; nothing where that cannot be known here.
fn misfit(known: Known, literal: &Literal, text: &str) -> Option<String> {
    let words = ["true", "false", "1", "0", "yes", "no", "on", "off"];
    let fits = match known {
        Known::Bool => words.iter().any(|word| word.eq_ignore_ascii_case(text)),
        Known::Int(min, max) | Known::Wide(min, max) => {
            if !is_integer(text) {
                return Some("the default is not an integer".to_owned());
            }
            return (!lies_in(min, max, text))
                .then(|| format!("the default is outside {min} to {max}"));
        }
        Known::Float => text.parse::<f64>().is_ok_and(f64::is_finite),
        Known::Char => text.chars().count() == 1,
        Known::Duration if matches!(literal.lit, Lit::Int(_) | Lit::Float(_)) => {
            return Some(format!(
                "a duration has a unit; write \"{text}s\" for seconds"
            ));
        }
        Known::Duration => matches!(literal.lit, Lit::Str(_)),
        _ => true,
    };
    let noun = match known {
        Known::Bool => "a boolean: true, false, 1, 0, yes, no, on or off",
        Known::Float => "a finite number",
        Known::Char => "one character",
        _ => "a duration such as 30s",
    };
    (!fits).then(|| format!("the default is not {noun}"))
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn lies_in(min: i128, max: u128, integer: &str) -> bool {
    match integer.parse::<i128>() {
        Ok(number) if number < min => false,
        Ok(number) => u128::try_from(number).map_or(true, |number| number <= max),
        Err(_) => integer.parse::<u128>().is_ok_and(|number| number <= max),
    }
}

fn check_range(ctxt: &Ctxt, known: Known, range: &Range) {
    for bound in [&range.from, &range.to].into_iter().flatten() {
        let fits = match (&bound.lit, known) {
            (Lit::Int(_), Known::Int(..) | Known::Wide(..) | Known::Other) => {
                bound.text().is_some()
            }
            (Lit::Float(_), Known::Float | Known::Other) => bound.text().is_some(),
            (Lit::Char(_), Known::Char | Known::Other) => true,
            (Lit::Str(_), Known::Duration | Known::Other) => true,
            _ => false,
        };
        if !fits {
            let message = match known {
                Known::Float => "a bound of this field has a decimal point, such as 1.0",
                Known::Duration => "a bound of this field is text, such as \"30s\"",
                Known::Char => "a bound of this field is a character, such as 'a'",
                Known::Other => "a bound is a number without a suffix, a character or text",
                _ => "a bound of this field is an integer without a suffix",
            };
            ctxt.error_at(bound, message);
        } else if let (Known::Int(min, max) | Known::Wide(min, max), Some(text)) =
            (known, bound.text())
        {
            if !lies_in(min, max, &text) {
                ctxt.error_at(bound, format!("the bound is outside {min} to {max}"));
            }
        }
    }
    if let (Some(from), Some(to)) = (&range.from, &range.to) {
        let bounds = (number(from), number(to));
        if let (Some(low), Some(high)) = bounds {
            if low > high || low == high && !range.inclusive {
                ctxt.error_at(from, "no value lies in this range");
            }
        }
    }
}

fn number(literal: &Literal) -> Option<f64> {
    match literal.lit {
        Lit::Int(_) | Lit::Float(_) => literal.text()?.parse().ok(),
        _ => None,
    }
}

fn is_outside(range: &Range, text: &str) -> bool {
    // Integers beyond 2^53 lose digits here; what that misses, `assert_valid` finds.
    let Ok(value) = text.parse::<f64>() else {
        return false;
    };
    let low = range
        .from
        .as_ref()
        .and_then(number)
        .is_some_and(|from| value < from);
    let high = range
        .to
        .as_ref()
        .and_then(number)
        .is_some_and(|to| match range.inclusive {
            true => value > to,
            false => value >= to,
        });
    low || high
}
