//! The network to the receiver: proxy and trust settings from the environment.
//!
//! `HTTPS_PROXY`, else `ALL_PROXY`, each also in lower case, sets a proxy for `https` beyond this machine; `NO_PROXY`
//! lists the hosts that bypass it. `SSL_CERT_FILE` names a file with the only certificate authorities that are trusted,
//! unless the author sets some. An empty variable counts as unset.
//!
//! An invalid setting blocks sending rather than being ignored: nothing is sent, and `status` shows the error. A value
//! that is not Unicode is invalid.

use super::end::{NetworkConfigError, RunEnd};
use crate::files::{FileError, Folder};
use crate::http::{self, Authorities, HttpError, MaySend, Proxy, aside};
use crate::registry::Endpoint;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The proxy and trust settings for the receiver.
#[derive(Clone, Default)]
pub struct NetworkConfig<'a> {
    /// The only trusted certificate authorities, in PEM, if the author sets them.
    pub certificate: Option<&'a [u8]>,
    /// The value of `SSL_CERT_FILE`, used if the author sets none.
    pub certificate_file: Option<PathBuf>,
    /// The value of `HTTPS_PROXY` or `ALL_PROXY`.
    pub proxy: Option<OsString>,
    /// The value of `NO_PROXY`.
    pub no_proxy: Option<OsString>,
}

impl NetworkConfig<'_> {
    /// The settings in this process's environment. Only the variables are read.
    pub fn of_environment() -> Self {
        let variable = |names: &[&str]| {
            let mut set = names.iter().filter_map(std::env::var_os);
            set.find(|value| !value.is_empty())
        };
        Self {
            certificate: None,
            certificate_file: variable(&["SSL_CERT_FILE"]).map(PathBuf::from),
            proxy: variable(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            no_proxy: variable(&["NO_PROXY", "no_proxy"]),
        }
    }

    /// Prepares the network to an endpoint: reads the file with the certificates within the time limit.
    pub(crate) fn lay(
        &self,
        endpoint: &Endpoint,
        may_send: &MaySend,
        deadline: Instant,
    ) -> Result<(Authorities, Option<Proxy>), RunEnd> {
        let proxy = self.proxy(endpoint).map_err(RunEnd::Network)?;
        let authorities = match (self.certificate, self.certificate_file.clone()) {
            (None, None) => Ok(Authorities::default()),
            (Some(pem), _) => Authorities::parse(pem).ok_or(NetworkConfigError::Certificate),
            (None, Some(path)) => match aside(may_send, deadline, move || authorities(&path)) {
                Err(HttpError::Off) => return Err(RunEnd::Off),
                Err(_) => Err(NetworkConfigError::File(FileError::Busy)),
                Ok(read) => read,
            },
        };
        Ok((authorities.map_err(RunEnd::Network)?, proxy))
    }

    /// Prepares the network for a client over HTTP.
    pub(crate) fn over_http(
        &self,
        endpoint: &Endpoint,
        may_send: &MaySend,
        deadline: Instant,
    ) -> Result<http::Route, RunEnd> {
        let (authorities, proxy) = self.lay(endpoint, may_send, deadline)?;
        let tls = http::tls(&authorities, None).ok_or(RunEnd::Network(self.no_certificate()))?;
        Ok(http::Route { tls, proxy })
    }

    /// The error of a certificate text without a valid certificate.
    pub(crate) fn no_certificate(&self) -> NetworkConfigError {
        if self.certificate.is_some() { NetworkConfigError::Certificate } else { NetworkConfigError::NoCertificate }
    }

    /// The error that keeps this network from reaching an endpoint, if there is one. It reads the file with the
    /// certificates, for 2 s at most.
    pub(crate) fn validate(&self, endpoint: &Endpoint, is_grpc: bool) -> Option<NetworkConfigError> {
        let always: MaySend = Arc::new(|| true);
        match self.over_http(endpoint, &always, Instant::now() + Duration::from_secs(2)) {
            Ok(http::Route { proxy: Some(Proxy { is_tls: true, .. }), .. }) if is_grpc => {
                Some(NetworkConfigError::EncryptedProxy)
            }
            Err(RunEnd::Network(why)) => Some(why),
            _ => None,
        }
    }

    /// The proxy for an endpoint, if there is one for it.
    fn proxy(&self, endpoint: &Endpoint) -> Result<Option<Proxy>, NetworkConfigError> {
        let Some(named) = self.proxy.as_deref().filter(|_| endpoint.is_tls() && !endpoint.is_loopback()) else {
            return Ok(None);
        };
        let proxy = named.to_str().and_then(Proxy::parse).ok_or(NetworkConfigError::Proxy)?;
        let list = self.no_proxy.as_deref().unwrap_or_default();
        let without =
            list.to_str().and_then(|list| Proxy::is_without(list, endpoint)).ok_or(NetworkConfigError::NoProxy)?;
        Ok((!without).then_some(proxy))
    }
}

/// The certificates of a file that others may have written.
fn authorities(path: &Path) -> Result<Authorities, NetworkConfigError> {
    let pem = Folder::read_named(path).map_err(NetworkConfigError::File)?;
    Authorities::parse(&pem).ok_or(NetworkConfigError::NoCertificate)
}
