//! Sends events to one function: through a running `scaffold dev`, to an instance of its own, or on AWS.

mod dev_client;
pub(crate) mod event_source;
mod local_instance;
pub(crate) mod outcome;
pub(crate) mod summary;

use std::net::SocketAddr;

use hyper::body::Bytes;

use self::dev_client::DevClient;
use self::local_instance::LocalInstance;
use self::outcome::InvocationOutcome;
use super::lambda::FunctionConfiguration;
use crate::remote::invoke::RemoteInvoker;
use crate::term::error::Result;

/// Sends events to one function.
#[derive(Debug)]
pub(crate) enum Invoker {
    Dev(DevClient),
    Local(Box<LocalInstance>),
    Remote(Box<RemoteInvoker>),
}

impl Invoker {
    /// Connects to the `scaffold dev` at `address`, which runs `function`.
    pub(crate) async fn connect(
        address: SocketAddr,
        function: String,
        tenant_id: Option<String>,
    ) -> Result<Self> {
        Ok(Self::Dev(DevClient::connect(address, function, tenant_id).await?))
    }

    /// Runs `function` here, from the first event on.
    pub(crate) fn local(function: FunctionConfiguration, tenant_id: Option<String>) -> Self {
        Self::Local(Box::new(LocalInstance::new(function, tenant_id)))
    }

    /// Invokes a deployed function.
    pub(crate) fn remote(invoker: RemoteInvoker) -> Self {
        Self::Remote(Box::new(invoker))
    }

    /// Sends an event and waits for the response.
    pub(crate) async fn invoke(&mut self, event: &Bytes) -> Result<InvocationOutcome> {
        match self {
            Self::Dev(client) => client.invoke(event).await,
            Self::Local(instance) => instance.invoke(event).await,
            Self::Remote(invoker) => invoker.invoke(event).await,
        }
    }

    /// Stops the instance, if there is one, and writes the rest of its log.
    pub(crate) async fn stop(self) {
        if let Self::Local(instance) = self {
            instance.stop().await;
        }
    }
}
