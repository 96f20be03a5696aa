//! The people of a tenant who have signed in, with the names that their tokens give: what people did is
//! kept under the subjects of tokens, which may be opaque.

use super::item::{self, key, s};
use super::key::people;
use super::{Store, StoreError};
use sentinel::payment::tenant::Tenant;

/// Most people listed.
const MOST: i32 = 1_000;

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Subject of the token.
    pub subject: String,
    pub name: String,
}

impl Store {
    /// Keeps the name of somebody who signs in.
    pub async fn keep_person(&self, tenant: &Tenant, person: &Person) -> Result<(), StoreError> {
        self.client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(key(people(tenant), &person.subject)))
            .item("name", s(&person.name))
            .send()
            .await
            .map(|_| ())
            .map_err(|err| StoreError::service("PutItem", &err))
    }

    /// Lists the people of a tenant by subject.
    pub async fn people(&self, tenant: &Tenant) -> Result<Vec<Person>, StoreError> {
        let output = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(people(tenant)))
            .limit(MOST)
            .send()
            .await
            .map_err(|err| StoreError::service("Query", &err))?;
        let person = |item: &item::Item| {
            Ok(Person { subject: item::text(item, "sk")?, name: item::text(item, "name")? })
        };
        output.items().iter().map(person).collect()
    }
}
