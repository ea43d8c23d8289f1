//! Functions of records and events as handlers, without the macro.

use std::marker::PhantomData;

use super::batch::{RecordText, Source, concurrently, in_sequence};
use crate::context::Context;
use crate::error::Error;
use crate::handler::Handler;
use crate::json;
use crate::response::Reply;

/// Makes a handler that calls `handle` for each record of a batch.
pub(super) fn of_records<S: Source + 'static>(
    handle: impl AsyncFn(RecordText<'_>, &Context) -> Result<(), Error> + Send + Sync + 'static,
) -> impl Handler {
    struct OfRecords<S, F>(F, PhantomData<fn() -> S>);

    impl<S, F> Handler for OfRecords<S, F>
    where
        S: Source + 'static,
        F: AsyncFn(RecordText<'_>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    {
        async fn call(
            &self,
            event: &[u8],
            context: &Context,
            reply: &mut Reply,
        ) -> Result<(), Error> {
            let handle = async |record: RecordText<'_>| (self.0)(record, context).await;
            in_sequence::<S>(event, context, reply, handle).await
        }
    }

    OfRecords(handle, PhantomData::<fn() -> S>)
}

/// Makes a handler that calls `handle` for up to `concurrency` records of a batch at a time.
pub(super) fn of_concurrent_records<S: Source + 'static>(
    concurrency: usize,
    handle: impl AsyncFn(RecordText<'_>, &Context) -> Result<(), Error> + Send + Sync + 'static,
) -> impl Handler {
    struct OfConcurrentRecords<S, F>(usize, F, PhantomData<fn() -> S>);

    impl<S, F> Handler for OfConcurrentRecords<S, F>
    where
        S: Source + 'static,
        F: AsyncFn(RecordText<'_>, &Context) -> Result<(), Error> + Send + Sync + 'static,
    {
        async fn call(
            &self,
            event: &[u8],
            context: &Context,
            reply: &mut Reply,
        ) -> Result<(), Error> {
            let handle = async |record: RecordText<'_>| (self.1)(record, context).await;
            concurrently::<S>(event, context, reply, self.0, handle).await
        }
    }

    OfConcurrentRecords(concurrency, handle, PhantomData::<fn() -> S>)
}

/// Makes a handler that calls `handle` for each event.
pub(super) fn of_events(
    handle: impl AsyncFn(&[u8], &Context) -> Result<(), Error> + Send + Sync + 'static,
) -> impl Handler {
    struct OfEvents<F>(F);

    impl<F> Handler for OfEvents<F>
    where
        F: AsyncFn(&[u8], &Context) -> Result<(), Error> + Send + Sync + 'static,
    {
        async fn call(
            &self,
            event: &[u8],
            context: &Context,
            reply: &mut Reply,
        ) -> Result<(), Error> {
            json::encode(&(self.0)(event, context).await?, reply)
        }
    }

    OfEvents(handle)
}
