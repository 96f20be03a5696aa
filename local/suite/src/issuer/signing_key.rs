//! The key that signs tokens. (API Gateway takes RSA signatures only; those of this issuer are checked
//! by the suite's own gateway alone.)

use anyhow::Context as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Map, Value, json};

/// A pair of keys for ES256.
pub struct SigningKey {
    private: EncodingKey,
    public: DecodingKey,
    jwk: Jwk,
}

impl SigningKey {
    /// Returns a new key as PKCS #8.
    pub fn generate() -> anyhow::Result<Vec<u8>> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random);
        Ok(key.ok().context("no key could be generated")?.as_ref().to_vec())
    }

    pub fn of(pkcs8: &[u8]) -> anyhow::Result<Self> {
        let private = EncodingKey::from_ec_der(pkcs8);
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::ES256)
            .context("the issuer's key is not one for ES256")?;
        jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256)?);
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let public = DecodingKey::from_jwk(&jwk)?;
        Ok(Self { private, public, jwk })
    }

    /// The JSON Web Key Set.
    pub fn public_keys(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// Signs claims; `None` if they cannot be written as JSON.
    pub fn sign(&self, claims: &Map<String, Value>) -> Option<String> {
        let header =
            Header { kid: self.jwk.common.key_id.clone(), ..Header::new(Algorithm::ES256) };
        encode(&header, claims, &self.private).ok()
    }

    /// Returns the claims of a token that this key has signed; `None` of any other. Of the claims only
    /// the times are checked, and the end only if `ended` tokens are not accepted.
    pub fn claims(&self, token: &str, ended: bool) -> Option<Map<String, Value>> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.leeway = 0;
        validation.validate_aud = false;
        validation.validate_nbf = true;
        validation.validate_exp = !ended;
        decode(token, &self.public, &validation).ok().map(|token| token.claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_its_key() {
        let pkcs8 = SigningKey::generate().unwrap();
        let key = SigningKey::of(&pkcs8).unwrap();
        let claims = json!({ "sub": "ada", "exp": 4_102_444_800_u64 });
        let token = key.sign(claims.as_object().unwrap()).unwrap();
        assert_eq!(key.claims(&token, false), claims.as_object().cloned());
        let reloaded = SigningKey::of(&pkcs8).unwrap();
        assert_eq!(reloaded.claims(&token, false), claims.as_object().cloned());
        assert_eq!(reloaded.public_keys(), key.public_keys());
        let other = SigningKey::of(&SigningKey::generate().unwrap()).unwrap();
        assert_eq!(other.claims(&token, false), None);
        assert!(SigningKey::of(b"not a key").is_err());
    }

    #[test]
    fn the_published_key_has_no_private_part() {
        let key = SigningKey::of(&SigningKey::generate().unwrap()).unwrap();
        let published = &key.public_keys()["keys"][0];
        let names: Vec<&String> = published.as_object().unwrap().keys().collect();
        assert_eq!(published["alg"], "ES256");
        assert_eq!((&published["use"], &published["crv"]), (&json!("sig"), &json!("P-256")));
        assert!(!names.contains(&&"d".to_owned()), "{names:?}");
    }

    #[test]
    fn a_token_ends() {
        let key = SigningKey::of(&SigningKey::generate().unwrap()).unwrap();
        let claims = json!({ "sub": "ada", "exp": 1_700_000_000_u64 });
        let token = key.sign(claims.as_object().unwrap()).unwrap();
        assert_eq!(key.claims(&token, false), None);
        assert!(key.claims(&token, true).is_some());
    }
}
