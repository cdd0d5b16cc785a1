//! The hashes in MLflow's database of users: `method$salt$hexadecimal hash`, as Werkzeug makes them.

use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

/// What Werkzeug 3 makes: N = 2^15, r = 8, p = 1, 64 bytes.
const SCRYPT: (&str, u8, u32, u32, usize) = ("scrypt:32768:8:1", 15, 8, 1, 64);

/// The most that a hash out of a database may cost: 64 times Werkzeug's memory would be an attack.
const MAX_SCRYPT: (u8, u32, u32) = (17, 16, 4);
const MAX_ITERATIONS: u32 = 5_000_000;

/// Whether a password is the one of a hash. A method that is not known fits none.
pub(super) fn verify(hash: &str, password: &str) -> bool {
    let mut parts = hash.splitn(3, '$');
    let (Some(method), Some(salt), Some(digits)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Some(found) = digest(method, salt.as_bytes(), password.as_bytes(), digits.len() / 2) else {
        return false;
    };
    bool::from(hexadecimal(&found).as_bytes().ct_eq(digits.as_bytes()))
}

/// Werkzeug's hash of a password; the salt is a text of 16 characters.
pub(super) fn scrypt(password: &str, random: [u8; 16]) -> String {
    const CHARS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let salt: String = random
        .iter()
        .map(|byte| char::from(CHARS[usize::from(*byte) % 62]))
        .collect();
    let (name, log_n, r, p, len) = SCRYPT;
    let digest = run_scrypt(password.as_bytes(), salt.as_bytes(), (log_n, r, p), len).unwrap_or_default();
    format!("{name}${salt}${}", hexadecimal(&digest))
}

fn digest(method: &str, salt: &[u8], password: &[u8], len: usize) -> Option<Vec<u8>> {
    let parts: Vec<&str> = method.split(':').collect();
    match parts.as_slice() {
        ["scrypt", n, r, p] => {
            let n: u32 = n.parse().ok()?;
            let log_n = u8::try_from(n.checked_ilog2()?).ok()?;
            let cost = (log_n, r.parse().ok()?, p.parse().ok()?);
            let is_bearable = cost.0 <= MAX_SCRYPT.0 && cost.1 <= MAX_SCRYPT.1 && cost.2 <= MAX_SCRYPT.2;
            (n.is_power_of_two() && is_bearable && len == SCRYPT.4)
                .then(|| run_scrypt(password, salt, cost, len))?
        }
        ["pbkdf2", hash, iterations] => {
            let iterations = iterations
                .parse()
                .ok()
                .filter(|n| (1..=MAX_ITERATIONS).contains(n))?;
            let mut out = vec![0; len];
            match (*hash, len) {
                ("sha256", 32) => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut out),
                ("sha512", 64) => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut out),
                _ => return None,
            }
            Some(out)
        }
        _ => None,
    }
}

fn run_scrypt(password: &[u8], salt: &[u8], (log_n, r, p): (u8, u32, u32), len: usize) -> Option<Vec<u8>> {
    let params = scrypt::Params::new(log_n, r, p).ok()?;
    let mut out = vec![0; len];
    scrypt::scrypt(password, salt, &params, &mut out).ok()?;
    Some(out)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
