//! The twenty rows that a library's telemetry has to answer, each as a stranger would see it: the program as a real
//! process, with a home folder of its own. What is about calls and bytes runs twice: with small servers on loopback, and
//! with MLflow's own server and a Collector.

/// A row: at small servers, and at the real ones.
macro_rules! row {
    ($(#[$attribute:meta])* $name:ident, $check:expr) => {
        mod $name {
            use super::*;

            #[test]
            $(#[$attribute])*
            fn at_small_servers() {
                ($check)(Stage::small());
            }

            #[test]
            #[ignore = "needs MLflow and the Collector: examples/mlflow/server and collector-config/build get them"]
            fn at_the_real_ones() {
                ($check)(Stage::real());
            }
        }
    };
}

mod b01_to_b04_process;
mod b05_to_b08_calls;
mod b09_to_b11_parameters;
mod b12_to_b15_no;
mod b16_b17_policy;
mod b18_shown;
mod b19_builds;
mod b20_published;
mod canary;
mod collector;
// Its exceptions are those of these systems.
#[cfg(any(target_os = "linux", windows))]
mod covered;
mod host;
mod http;
mod invocation;
mod joined;
mod person;
mod python;
mod records;
mod stage;
mod tracking;
mod vendor;
