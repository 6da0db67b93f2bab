//! slog with slog-json by its usual recipe: a mutex around formatting and writing.

use std::hint::black_box;
use std::io::Write;
use std::sync::Mutex;

use bench_support::Job;
use slog::{Drain, Logger, info, o};
use slog_json::Json;

use crate::work::{self, ORDER, Order, REQUEST, STEP, Work};

/// Does `job` with lines written to `writer`.
pub fn race(job: Job, work: Work, writer: impl Write + Send + 'static) {
    let root = Logger::root(Mutex::new(Json::default(writer)).fuse(), o!());
    let times = work.batch();
    match work {
        Work::Event => {
            let inside = enter(&root);
            job.run(|| (0..times).for_each(|_| event(&inside, black_box(&ORDER))));
        }
        Work::Request => {
            job.run(|| (0..times).for_each(|_| event(&request(&root), black_box(&ORDER))));
        }
        Work::Pair => job.run(|| {
            work::pair(|| {
                let inside = enter(&root);
                work::of_a_thread(|| event(&inside, black_box(&ORDER)));
            });
        }),
        Work::Dotted | Work::Disabled => panic!("slog does not take part in {work}"),
    }
}

fn request(root: &Logger) -> Logger {
    let request = black_box(&REQUEST);
    root.new(o!(
        "request_id" => request.request_id,
        "path" => request.path,
        "attempt" => request.attempt,
    ))
}

fn enter(root: &Logger) -> Logger {
    let step = black_box(&STEP);
    request(root).new(o!(
        "tenant" => step.tenant,
        "shard" => step.shard,
        "cached" => step.cached,
    ))
}

#[inline(never)]
fn event(log: &Logger, order: &Order) {
    info!(log, "order accepted";
        "customer" => order.customer,
        "items" => order.items,
        "total" => order.total,
        "paid" => order.paid,
        "port" => order.port,
        "peer" => %order.peer,
    );
}
