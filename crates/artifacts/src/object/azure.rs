//! Azure Blob Storage: which settings mean what.
//!
//! Source: operations.md, section 4.

use object_store::azure::{AzureConfigKey, MicrosoftAzure, MicrosoftAzureBuilder};

use super::address::ObjectAddress;
use super::azure_sas::AccountKey;
use super::bucket::{client_options, retries};
use super::{Environment, StoreSettingsError};

/// Account and key that every emulator has; they are public.
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// What a connection string says.
#[derive(Debug, Default, PartialEq, Eq)]
struct Connection {
    account: Option<String>,
    key: Option<String>,
    endpoint: Option<String>,
    signature: Option<String>,
}

/// Reads the settings of a container.
pub(super) fn open(
    address: &ObjectAddress,
    environment: &Environment,
) -> Result<(MicrosoftAzure, Option<AccountKey>), StoreSettingsError> {
    let host = address.host.as_deref().unwrap_or_default();
    let connection = match environment.get("AZURE_STORAGE_CONNECTION_STRING") {
        Some(text) => Connection::parse(text)?,
        None => Connection::default(),
    };
    let of_uri = host
        .split_once('.')
        .map_or(host, |(account, _)| account)
        .to_owned();
    let endpoint = connection.endpoint.clone().or_else(|| own_endpoint(host));
    let account = connection.account.clone().unwrap_or(of_uri);
    let key = connection
        .key
        .as_deref()
        .or(environment.first(&["AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_ACCOUNT_KEY"]));
    let signing_key = key.and_then(|key| AccountKey::new(&account, key));
    let mut builder = MicrosoftAzureBuilder::new()
        .with_account(account)
        .with_container_name(&address.bucket)
        .with_client_options(client_options(environment, endpoint.as_deref())?)
        .with_retry(retries());
    if let Some(endpoint) = endpoint {
        builder = builder
            .with_allow_http(endpoint.starts_with("http://"))
            .with_endpoint(endpoint);
    }
    let builder = match key {
        Some(key) => builder.with_access_key(key),
        None => with_other_credentials(builder, &connection, environment),
    };
    Ok((builder.build()?, signing_key))
}

fn with_other_credentials(
    mut builder: MicrosoftAzureBuilder,
    connection: &Connection,
    environment: &Environment,
) -> MicrosoftAzureBuilder {
    let signature = connection
        .signature
        .as_deref()
        .or(environment.get("AZURE_STORAGE_SAS_TOKEN"));
    if let Some(signature) = signature {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(signature.trim_start_matches('?').as_bytes())
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect();
        return builder.with_sas_authorization(pairs);
    }
    // A client's secret, a workload's token, or the machine's identity, whichever the store finds.
    for (name, key) in [
        ("AZURE_CLIENT_ID", AzureConfigKey::ClientId),
        ("AZURE_CLIENT_SECRET", AzureConfigKey::ClientSecret),
        ("AZURE_TENANT_ID", AzureConfigKey::AuthorityId),
        ("AZURE_AUTHORITY_HOST", AzureConfigKey::AuthorityHost),
        ("AZURE_FEDERATED_TOKEN_FILE", AzureConfigKey::FederatedTokenFile),
        ("IDENTITY_ENDPOINT", AzureConfigKey::MsiEndpoint),
    ] {
        if let Some(value) = environment.get(name) {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

/// The endpoint of a host that is none of Azure's own public ones, which the store knows by the account.
fn own_endpoint(host: &str) -> Option<String> {
    let is_public = host.ends_with(".blob.core.windows.net") || host.ends_with(".dfs.core.windows.net");
    // Data Lake names have the same blobs behind the host for blobs.
    (!is_public).then(|| format!("https://{}", host.replacen(".dfs.", ".blob.", 1)))
}

impl Connection {
    /// Reads `Name=value;Name=value`.
    fn parse(text: &str) -> Result<Self, StoreSettingsError> {
        let mut connection = Self::default();
        let (mut protocol, mut suffix) = ("https", "core.windows.net");
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            // The value is not told: it may be a key.
            let (name, value) = part.split_once('=').ok_or_else(|| {
                StoreSettingsError::new("a part of `AZURE_STORAGE_CONNECTION_STRING` is not `Name=value`")
            })?;
            match name.to_ascii_lowercase().as_str() {
                "accountname" => connection.account = Some(value.to_owned()),
                "accountkey" => connection.key = Some(value.to_owned()),
                "blobendpoint" => connection.endpoint = Some(value.trim_end_matches('/').to_owned()),
                "sharedaccesssignature" => connection.signature = Some(value.to_owned()),
                "defaultendpointsprotocol" => protocol = value,
                "endpointsuffix" => suffix = value,
                "usedevelopmentstorage" if value.eq_ignore_ascii_case("true") => {
                    connection.account = Some(EMULATOR_ACCOUNT.to_owned());
                    connection.key = Some(EMULATOR_KEY.to_owned());
                    connection.endpoint = Some(format!("http://127.0.0.1:10000/{EMULATOR_ACCOUNT}"));
                }
                _ => {}
            }
        }
        if let (None, Some(account)) = (&connection.endpoint, &connection.account) {
            connection.endpoint = Some(format!("{protocol}://{account}.blob.{suffix}"));
        }
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_are_read() {
        let usual = Connection::parse(
            "DefaultEndpointsProtocol=https;AccountName=team;AccountKey=a2V5==;EndpointSuffix=core.windows.net",
        )
        .unwrap();
        assert_eq!(usual.account.as_deref(), Some("team"));
        assert_eq!(usual.key.as_deref(), Some("a2V5=="));
        assert_eq!(
            usual.endpoint.as_deref(),
            Some("https://team.blob.core.windows.net")
        );
        let own =
            Connection::parse("AccountName=x;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:9303/x;").unwrap();
        assert_eq!(own.endpoint.as_deref(), Some("http://127.0.0.1:9303/x"));
        let emulator = Connection::parse("UseDevelopmentStorage=true").unwrap();
        assert_eq!(emulator.account.as_deref(), Some(EMULATOR_ACCOUNT));
        let signed =
            Connection::parse("BlobEndpoint=https://h/;SharedAccessSignature=sv=1&sig=a%2Fb").unwrap();
        assert_eq!(signed.signature.as_deref(), Some("sv=1&sig=a%2Fb"));
        let wrong = Connection::parse("AccountName=x;secretkey").unwrap_err();
        assert!(!wrong.to_string().contains("secretkey"), "{wrong}");
    }

    #[test]
    fn hosts_of_azure_itself_need_no_endpoint() {
        assert_eq!(own_endpoint("a.blob.core.windows.net"), None);
        assert_eq!(own_endpoint("a.dfs.core.windows.net"), None);
        assert_eq!(
            own_endpoint("a.dfs.core.chinacloudapi.cn").as_deref(),
            Some("https://a.blob.core.chinacloudapi.cn")
        );
    }
}
