//! Tokens that requests bear: a file with a name and a token in each line.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, bail};
use axum::http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// The fewest letters of a token.
const SHORTEST: usize = 16;

/// The tokens that are valid, by their hashes: comparing those tells nothing about a token.
#[derive(Debug)]
pub struct Tokens(HashMap<[u8; 32], String>);

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

impl Tokens {
    /// Reads a file. Empty lines and those that begin with `#` say nothing.
    ///
    /// # Errors
    /// The file cannot be read, has no token, or has a line that is none.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let shown = file.display();
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("the tokens' file {shown} cannot be read"))?;
        let mut tokens = HashMap::new();
        let lines = text.lines().map(str::trim).enumerate();
        for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let number = number + 1;
            let mut words = line.split_whitespace();
            let (Some(name), Some(token), None) = (words.next(), words.next(), words.next()) else {
                bail!("{shown}:{number}: write a name, a blank and a token");
            };
            if token.len() < SHORTEST {
                bail!(
                    "{shown}:{number}: the token of {name} is shorter than {SHORTEST} letters; make one by `openssl rand -hex 16`"
                );
            }
            if tokens.insert(hash(token), name.to_string()).is_some() {
                bail!("{shown}:{number}: two names have the same token; give each its own");
            }
        }
        if tokens.is_empty() {
            bail!(
                "{shown} has no token, so that nobody could use the server; write a name and a token into it"
            );
        }
        Ok(Self(tokens))
    }

    /// The name of the token that a request bears.
    ///
    /// # Errors
    /// It bears none, or one that is not valid.
    pub fn owner(&self, headers: &HeaderMap) -> Result<&str, Problem> {
        let refused = |code, detail| Problem::new(StatusCode::UNAUTHORIZED, code, detail);
        let Some(value) = headers.get(header::AUTHORIZATION) else {
            return Err(refused(
                "token_missing",
                "this server needs a token; send Authorization: Bearer TOKEN",
            ));
        };
        let scheme = value.to_str().ok().and_then(|text| text.trim().split_once(' '));
        let token =
            scheme.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let owner = token.and_then(|token| self.0.get(&hash(token)));
        owner.map(String::as_str).ok_or_else(|| {
            refused(
                "token_wrong",
                "the token is none of this server; send Authorization: Bearer TOKEN with a valid one",
            )
        })
    }
}
