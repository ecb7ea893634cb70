//! Figures for Prometheus.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The bounds of histograms of time, in seconds.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// What is known of a request that was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Answered {
    /// The path of the API, without names in it.
    pub path: String,
    pub method: String,
    pub status: u16,
}

/// Why one was refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refused {
    pub code: &'static str,
}

/// How a script ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Ended {
    pub outcome: &'static str,
}

/// All figures.
pub struct Metrics {
    registry: Registry,
    pub requests: Family<Answered, Counter>,
    pub seconds: Histogram,
    pub refused: Family<Refused, Counter>,
    pub scripts: Family<Ended, Counter>,
    pub script_seconds: Histogram,
    pub fuel: Counter<u64, AtomicU64>,
    /// Scripts in progress, and requests that wait until one ends.
    pub running: Gauge,
    pub waiting: Gauge,
    pub connections: Gauge,
    pub sessions: Gauge,
    pub database_up: Gauge,
    pub store_seconds: Histogram,
}

fn histogram() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("moonlet");
        let metrics = Self {
            requests: Family::default(),
            seconds: histogram(),
            refused: Family::default(),
            scripts: Family::default(),
            script_seconds: histogram(),
            fuel: Counter::default(),
            running: Gauge::default(),
            waiting: Gauge::default(),
            connections: Gauge::default(),
            sessions: Gauge::default(),
            database_up: Gauge::default(),
            store_seconds: histogram(),
            registry: Registry::default(),
        };
        registry.register("requests", "Requests answered", metrics.requests.clone());
        registry.register("request_seconds", "Time until a request was answered", metrics.seconds.clone());
        registry.register(
            "refused",
            "Requests not carried out, by the code of the problem",
            metrics.refused.clone(),
        );
        registry.register("scripts", "Scripts that ended, by how", metrics.scripts.clone());
        registry.register(
            "script_seconds",
            "Time from a script's start to its end",
            metrics.script_seconds.clone(),
        );
        registry.register("fuel", "Units of fuel that scripts used", metrics.fuel.clone());
        registry.register("running", "Scripts in progress", metrics.running.clone());
        registry.register("waiting", "Requests that wait to run", metrics.waiting.clone());
        registry.register("connections", "Connections", metrics.connections.clone());
        registry.register("sessions", "Sessions in the database", metrics.sessions.clone());
        registry.register("database_up", "Whether the database is there", metrics.database_up.clone());
        registry.register("store_seconds", "Time to store a session", metrics.store_seconds.clone());
        Self { registry, ..metrics }
    }
}

impl Metrics {
    /// All of them in the text form of OpenMetrics.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }

    /// Notes how a script ended.
    pub fn ended(&self, outcome: &'static str, time: Duration, fuel: u64) {
        self.scripts.get_or_create(&Ended { outcome }).inc();
        self.script_seconds.observe(time.as_secs_f64());
        self.fuel.inc_by(fuel);
    }
}

/// Counts one in a gauge, until it is dropped.
pub struct Counted(Gauge);

impl Counted {
    /// One more.
    pub fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
