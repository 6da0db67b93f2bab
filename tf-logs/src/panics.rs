//! Panics as events.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, Location, PanicHookInfo};
use std::sync::Arc;

use tracing_core::Level;

use crate::core::Core;
use crate::direct::{self, Direct};
use crate::process;
use crate::settings::Panics;

const TARGET: &str = "panic";

/// Sets the hook. The one before it runs after each event if asked for, and whenever an event did not
/// get out, so that no panic is silent.
pub(crate) fn install(core: &Arc<Core>, panics: Panics) {
    if panics == Panics::Off {
        return;
    }
    let core = Arc::clone(core);
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let told = tell(&core, panic);
        if !told || panics == Panics::Chain {
            previous(panic);
        }
    }));
}

/// Writes the event, and says whether it got out.
fn tell(core: &Core, panic: &PanicHookInfo<'_>) -> bool {
    if !core.filter.enables(&Level::ERROR, TARGET) {
        return false;
    }
    let lost = || core.sink.dropped().wrapping_add(core.sink.write_errors());
    let lost_before = lost();
    let location = panic.location();
    // Empty unless `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` asks for it.
    let backtrace = Backtrace::capture();
    let is_captured = backtrace.status() == BacktraceStatus::Captured;
    let backtrace = is_captured.then(|| backtrace.to_string());
    let event = Direct {
        level: Level::ERROR,
        target: TARGET,
        message: format_args!("{}", text(panic.payload())),
        file: location.map(Location::file),
        line: location.map(Location::line),
        fields: &|fields| {
            fields.str("error.type", "panic");
            fields.str("error.message", text(panic.payload()));
            if let Some(backtrace) = &backtrace {
                let all = process::wants_full_backtrace();
                let shown = if all { backtrace } else { frames(backtrace) };
                fields.str("error.stack_trace", shown);
            }
        },
    };
    direct::emit(core, &event);
    lost() == lost_before
}

/// The program's own frames, as the standard library's hook shows them. With all of them, most lines would be
/// longer than the limit, and be cut.
fn frames(backtrace: &str) -> &str {
    let panicking = backtrace.rfind("__rust_end_short_backtrace");
    let start = panicking.map_or(0, |found| {
        let is_frame = |line: &str| line.trim_start().starts_with(|c: char| c.is_ascii_digit());
        let mut starts = backtrace[found..]
            .match_indices('\n')
            .map(|(at, _)| found + at + 1);
        starts
            .find(|start| is_frame(&backtrace[*start..]))
            .unwrap_or(0)
    });
    let own = &backtrace[start..];
    let caller = own.find("__rust_begin_short_backtrace");
    let end = caller.map_or(own.len(), |found| own[..found].rfind('\n').unwrap_or(0));
    own[..end].trim_end()
}

fn text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic whose payload is no text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_panicking_and_of_the_start_are_left_out() {
        let full = "   0: a::tell\n             at ./a.rs:1:1\n   1: std::sys::__rust_end_short_backtrace::<x>\n             \
                    at ./s.rs:2:2\n   2: own::one\n             at ./o.rs:3:3\n   3: own::two\n   \
                    4: __rust_begin_short_backtrace<y>\n             at ./b.rs:4:4\n   5: main\n";
        let own = "   2: own::one\n             at ./o.rs:3:3\n   3: own::two";
        assert_eq!(frames(full), own);
    }

    #[test]
    fn frames_without_names_are_left_as_they_are() {
        for text in [
            "",
            "   0: <unknown>\n   1: <unknown>",
            "   0: __rust_end_short_backtrace",
        ] {
            assert_eq!(frames(text), text);
        }
    }
}
