//! How much each client address may do.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;

use crate::problem::Problem;

/// Addresses that are remembered before idle ones are forgotten.
const REMEMBERED: usize = 4096;
/// So many seconds' worth of requests may come at once.
const BURST: f64 = 2.0;

/// A client: an address, or the network that one user of IPv6 has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Client(IpAddr);

impl From<IpAddr> for Client {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) => {
                let network = address.to_bits() & !u128::from(u64::MAX);
                Self(IpAddr::V6(Ipv6Addr::from_bits(network)))
            }
            address => Self(address),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(network) => write!(f, "{network}/64"),
        }
    }
}

/// What the clients do.
pub struct Clients {
    running: u32,
    rate: u32,
    known: Mutex<HashMap<Client, Account>>,
}

struct Account {
    running: u32,
    /// Requests that it may make at once.
    credit: f64,
    since: Instant,
}

/// A request of a client, until it is dropped.
pub struct Admitted {
    clients: Arc<Clients>,
    client: Client,
}

impl Clients {
    /// Each may have so many requests in progress, and make so many in a second; 0 is no limit.
    pub fn new(running: u32, rate: u32) -> Arc<Self> {
        Arc::new(Self { running, rate, known: Mutex::default() })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Client, Account>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a request of a client in.
    pub fn admit(self: &Arc<Self>, client: Client) -> Result<Admitted, Problem> {
        let (now, rate) = (Instant::now(), f64::from(self.rate));
        let most = (rate * BURST).max(1.0);
        let mut known = self.known();
        if known.len() >= REMEMBERED && !known.contains_key(&client) {
            // Whoever has all its credit again is as good as unknown.
            known.retain(|_, account| account.running > 0 || account.credit_at(now, rate) < most);
        }
        let account = known.entry(client).or_insert(Account { running: 0, credit: most, since: now });
        if self.running > 0 && account.running >= self.running {
            let detail = format!(
                "{client} has {} requests in progress, which is all that it may; wait for one of them to be answered",
                account.running
            );
            let retry = Duration::from_secs(1);
            return Err(Problem::passing(StatusCode::TOO_MANY_REQUESTS, "client_running", detail, retry));
        }
        if self.rate > 0 {
            account.credit = account.credit_at(now, rate).min(most);
            account.since = now;
            if account.credit < 1.0 {
                let detail = format!("{client} may make {} requests in a second; send fewer", self.rate);
                let retry = Duration::from_secs_f64((1.0 - account.credit) / rate);
                return Err(Problem::passing(StatusCode::TOO_MANY_REQUESTS, "client_rate", detail, retry));
            }
            account.credit -= 1.0;
        }
        account.running += 1;
        drop(known);
        Ok(Admitted { clients: self.clone(), client })
    }
}

impl Account {
    fn credit_at(&self, now: Instant, rate: f64) -> f64 {
        self.credit + now.duration_since(self.since).as_secs_f64() * rate
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        if let Some(account) = self.clients.known().get_mut(&self.client) {
            account.running -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> Client {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_user_of_ipv6_is_one_client() {
        assert_eq!(client("2001:db8::1"), client("2001:db8::2:3:4:5"));
        assert_ne!(client("2001:db8::1"), client("2001:db8:0:1::1"));
        assert_eq!(client("::ffff:10.0.0.1"), client("10.0.0.1"));
        assert_ne!(client("10.0.0.1"), client("10.0.0.2"));
        assert_eq!(client("2001:db8::1").to_string(), "2001:db8::/64");
    }

    #[test]
    fn requests_in_progress_are_limited_for_each() {
        let clients = Clients::new(2, 0);
        let held = [clients.admit(client("10.0.0.1")), clients.admit(client("10.0.0.1"))];
        assert!(held.iter().all(Result::is_ok));
        assert_eq!(clients.admit(client("10.0.0.1")).err().unwrap().code(), "client_running");
        assert!(clients.admit(client("10.0.0.2")).is_ok());
        drop(held);
        assert!(clients.admit(client("10.0.0.1")).is_ok());
    }

    #[test]
    fn requests_in_a_second_are_limited_for_each() {
        let clients = Clients::new(0, 1);
        let admitted = (0..10).filter(|_| clients.admit(client("10.0.0.1")).is_ok()).count();
        assert!((2..=3).contains(&admitted), "{admitted}");
        assert!(clients.admit(client("10.0.0.2")).is_ok());
    }

    #[test]
    fn idle_clients_are_forgotten() {
        let clients = Clients::new(1, 1_000_000);
        let _held = clients.admit(client("10.0.0.1")).ok().unwrap();
        for number in 0..20_000_u32 {
            drop(clients.admit(IpAddr::from(number.to_be_bytes()).into()));
        }
        assert!(clients.known().len() <= REMEMBERED + 1);
        assert!(clients.admit(client("10.0.0.1")).is_err());
    }
}
