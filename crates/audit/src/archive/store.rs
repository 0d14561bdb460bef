//! Where archives are: a folder, or a bucket of an S3-compatible service.

use std::sync::Arc;

use bytes::Bytes;
use elder_kernel::Secret;
use futures_util::{StreamExt as _, stream::BoxStream};
use object_store::{
    ObjectStore, ObjectStoreExt as _, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem,
    path::Path,
};

/// Parts that may be on their way at once.
const AT_ONCE: usize = 2;

/// A bucket, and who may write to it.
pub struct S3 {
    /// Its name.
    pub bucket: String,
    /// What stands before the names of all objects.
    pub prefix: String,
    /// The address of a service other than Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: String,
    /// The name of the key.
    pub access_key: String,
    /// The key.
    pub secret_key: Secret<String>,
}

/// Where archives are.
#[derive(Clone)]
pub struct Store {
    objects: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// The place does not take or give what it should.
#[derive(Debug, thiserror::Error)]
#[error("the place of archives does not answer as it should")]
pub struct StoreError(#[from] object_store::Error);

impl Store {
    /// A folder, made where it is missing.
    ///
    /// # Errors
    /// [`std::io::Error`] if it cannot be made or used.
    pub fn folder(folder: &std::path::Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let objects = LocalFileSystem::new_with_prefix(folder).map_err(std::io::Error::other)?;
        Ok(Self { objects: Arc::new(objects.with_fsync(true)), prefix: Path::default() })
    }

    /// A bucket. Nothing is sent yet.
    ///
    /// # Errors
    /// [`StoreError`] for settings that name none.
    pub fn s3(bucket: &S3) -> Result<Self, StoreError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.bucket)
            .with_region(&bucket.region)
            .with_access_key_id(&bucket.access_key)
            .with_secret_access_key(bucket.secret_key.expose());
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        Ok(Self { objects: Arc::new(builder.build()?), prefix: Path::from(bucket.prefix.as_str()) })
    }

    fn path(&self, object: &str) -> Path {
        object.split('/').fold(self.prefix.clone(), Path::join)
    }

    /// Begins to write an object, which is there as a whole once it is finished.
    pub(super) async fn write(&self, object: &str) -> Result<WriteMultipart, StoreError> {
        Ok(WriteMultipart::new(self.objects.put_multipart(&self.path(object)).await?))
    }

    /// Writes more of it.
    pub(super) async fn more(upload: &mut WriteMultipart, bytes: Vec<u8>) -> Result<(), StoreError> {
        if !bytes.is_empty() {
            upload.wait_for_capacity(AT_ONCE).await?;
            upload.put(Bytes::from(bytes));
        }
        Ok(())
    }

    /// Ends it.
    pub(super) async fn finish(upload: WriteMultipart) -> Result<(), StoreError> {
        upload.finish().await?;
        Ok(())
    }

    /// Reads an object.
    pub(super) async fn read(
        &self,
        object: &str,
    ) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
        let stream = self.objects.get(&self.path(object)).await?.into_stream();
        Ok(stream.map(|bytes| bytes.map_err(StoreError)).boxed())
    }

    /// Deletes an object, if it is there.
    pub(super) async fn delete(&self, object: &str) -> Result<(), StoreError> {
        match self.objects.delete(&self.path(object)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
