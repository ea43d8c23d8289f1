//! The API of the Swagger Petstore, with its pets, orders and users in memory.
//!
//! `scaffold openapi` describes it. The modules are the tags of that document.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// Everything in the store.
#[derive(Default)]
struct Store {
    pets: Mutex<BTreeMap<u64, pet::Pet>>,
    orders: Mutex<BTreeMap<u64, store::Order>>,
    users: Mutex<BTreeMap<String, user::User>>,
}

fn lock<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The greatest key of a table and one more.
fn next_id<T>(table: &BTreeMap<u64, T>) -> u64 {
    table.keys().next_back().map_or(1, |last| last.saturating_add(1))
}

mod pet {
    use lambda_native::http::{Created, Json, NoContent, Problem};
    use lambda_native::lambda_handler;

    use super::{Deserialize, Serialize, Store, lock, next_id};

    /// A pet of the store.
    #[derive(Clone, Deserialize, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Pet {
        id: u64,
        #[serde(flatten)]
        about: NewPet,
    }

    /// A pet without its number.
    #[derive(Clone, Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct NewPet {
        name: String,
        category: Option<Category>,
        #[serde(default)]
        photo_urls: Vec<String>,
        #[serde(default)]
        tags: Vec<Tag>,
        #[serde(default)]
        status: Status,
    }

    #[derive(Clone, Deserialize, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Category {
        id: u64,
        name: String,
    }

    #[derive(Clone, Deserialize, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Tag {
        id: u64,
        name: String,
    }

    #[derive(Clone, Copy, Default, PartialEq, Deserialize, Serialize)]
    #[serde(rename_all = "lowercase")]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) enum Status {
        #[default]
        Available,
        Pending,
        Sold,
    }

    /// Adds a pet to the store.
    #[lambda_handler(named, post = "/pet")]
    pub(super) async fn add_pet(#[body] about: NewPet, store: &Store) -> Created<Json<Pet>> {
        let mut pets = lock(&store.pets);
        let id = next_id(&pets);
        let pet = Pet { id, about };
        pets.insert(id, pet.clone());
        Created::at(format!("/pet/{id}"), Json(pet))
    }

    /// Replaces a pet.
    #[lambda_handler(named, put = "/pet")]
    pub(super) async fn update_pet(#[body] pet: Pet, store: &Store) -> Option<Json<Pet>> {
        let mut pets = lock(&store.pets);
        let known = pets.get_mut(&pet.id)?;
        known.clone_from(&pet);
        Some(Json(pet))
    }

    /// Finds pets by their status.
    #[lambda_handler(named, get = "/pet/findByStatus")]
    pub(super) async fn find_by_status(
        #[query] status: Vec<Status>,
        store: &Store,
    ) -> Json<Vec<Pet>> {
        let pets = lock(&store.pets);
        let is_wanted = |pet: &&Pet| status.contains(&pet.about.status);
        Json(pets.values().filter(is_wanted).cloned().collect())
    }

    /// Finds pets that have one of these tags.
    #[lambda_handler(named, get = "/pet/findByTags")]
    pub(super) async fn find_by_tags(#[query] tags: Vec<&str>, store: &Store) -> Json<Vec<Pet>> {
        let pets = lock(&store.pets);
        let is_wanted =
            |pet: &&Pet| pet.about.tags.iter().any(|tag| tags.contains(&tag.name.as_str()));
        Json(pets.values().filter(is_wanted).cloned().collect())
    }

    /// Returns a pet.
    #[lambda_handler(named, get = "/pet/{petId}")]
    pub(super) async fn get_pet(#[path("petId")] id: u64, store: &Store) -> Option<Json<Pet>> {
        lock(&store.pets).get(&id).cloned().map(Json)
    }

    /// Changes the name or the status of a pet.
    #[lambda_handler(named, post = "/pet/{petId}")]
    pub(super) async fn rename_pet(
        #[path("petId")] id: u64,
        #[query] name: Option<String>,
        #[query] status: Option<Status>,
        store: &Store,
    ) -> Option<Json<Pet>> {
        let mut pets = lock(&store.pets);
        let pet = pets.get_mut(&id)?;
        pet.about.name = name.unwrap_or_else(|| pet.about.name.clone());
        pet.about.status = status.unwrap_or(pet.about.status);
        Some(Json(pet.clone()))
    }

    /// Removes a pet.
    #[lambda_handler(named, delete = "/pet/{petId}")]
    pub(super) async fn delete_pet(
        #[path("petId")] id: u64,
        store: &Store,
    ) -> Result<NoContent, Problem> {
        match lock(&store.pets).remove(&id) {
            Some(_) => Ok(NoContent),
            None => Err(Problem::new(404).with_detail("there is no such pet")),
        }
    }

    /// A description of the image.
    #[derive(Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Image {
        bytes: usize,
        about: Option<String>,
    }

    /// Takes an image of a pet.
    #[lambda_handler(named, post = "/pet/{petId}/uploadImage")]
    pub(super) async fn upload_image(
        #[path("petId")] id: u64,
        #[query("additionalMetadata")] about: Option<String>,
        #[body] image: &[u8],
        store: &Store,
    ) -> Option<Json<Image>> {
        let known = lock(&store.pets).contains_key(&id);
        known.then_some(Json(Image { bytes: image.len(), about }))
    }
}

mod store {
    use std::collections::BTreeMap;

    use lambda_native::http::{Created, Json, NoContent, Problem};
    use lambda_native::lambda_handler;

    use super::{Deserialize, Serialize, Store, lock, next_id};

    /// An order of a pet.
    #[derive(Clone, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Order {
        id: u64,
        #[serde(flatten)]
        order: NewOrder,
        complete: bool,
    }

    #[derive(Clone, Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct NewOrder {
        pet_id: u64,
        /// The number of pets.
        quantity: u32,
    }

    /// Counts the orders for each pet.
    #[lambda_handler(named, get = "/store/inventory")]
    pub(super) async fn inventory(store: &Store) -> Json<BTreeMap<u64, u64>> {
        let mut counts = BTreeMap::new();
        for order in lock(&store.orders).values() {
            *counts.entry(order.order.pet_id).or_default() += u64::from(order.order.quantity);
        }
        Json(counts)
    }

    /// Places an order.
    #[lambda_handler(named, post = "/store/order")]
    pub(super) async fn place_order(
        #[body] order: NewOrder,
        store: &Store,
    ) -> Result<Created<Json<Order>>, Problem> {
        if order.quantity == 0 {
            return Err(Problem::new(409).with_detail("an order has at least one pet"));
        }
        let mut orders = lock(&store.orders);
        let id = next_id(&orders);
        let order = Order { id, order, complete: false };
        orders.insert(id, order.clone());
        Ok(Created::at(format!("/store/order/{id}"), Json(order)))
    }

    /// Returns an order.
    #[lambda_handler(named, get = "/store/order/{orderId}")]
    pub(super) async fn get_order(
        #[path("orderId")] id: u64,
        store: &Store,
    ) -> Option<Json<Order>> {
        lock(&store.orders).get(&id).cloned().map(Json)
    }

    /// Cancels an order.
    #[lambda_handler(named, delete = "/store/order/{orderId}")]
    pub(super) async fn delete_order(
        #[path("orderId")] id: u64,
        store: &Store,
    ) -> Option<NoContent> {
        lock(&store.orders).remove(&id).map(|_| NoContent)
    }
}

mod user {
    use lambda_native::http::{Created, Json, NoContent, Problem};
    use lambda_native::lambda_handler;

    use super::{Deserialize, Serialize, Store, lock};

    /// A user of the store.
    #[derive(Clone, Deserialize, Serialize)]
    #[serde(rename_all = "camelCase")]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct User {
        #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[A-Za-z0-9]+$")))]
        username: String,
        email: Option<String>,
        /// The password, which no response contains.
        #[serde(skip_serializing)]
        password: String,
    }

    fn add(user: User, store: &Store) -> Result<User, Problem> {
        if user.username.is_empty() || !user.username.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(Problem::new(422).with_detail("a name has letters and digits alone"));
        }
        let mut users = lock(&store.users);
        if users.contains_key(&user.username) {
            return Err(Problem::new(409).with_detail("there is a user of this name"));
        }
        users.insert(user.username.clone(), user.clone());
        Ok(user)
    }

    /// Creates a user.
    #[lambda_handler(named, post = "/user")]
    pub(super) async fn create_user(
        #[body] user: User,
        store: &Store,
    ) -> Result<Created<Json<User>>, Problem> {
        add(user, store).map(|user| Created::new(Json(user)))
    }

    /// Creates several users, up to the first that cannot be created.
    #[lambda_handler(named, post = "/user/createWithList")]
    pub(super) async fn create_users(
        #[body] users: Vec<User>,
        store: &Store,
    ) -> Result<Created<Json<Vec<User>>>, Problem> {
        let users: Result<_, _> = users.into_iter().map(|user| add(user, store)).collect();
        users.map(|users| Created::new(Json(users)))
    }

    /// Logs a user in.
    #[lambda_handler(named, get = "/user/login")]
    pub(super) async fn log_in(
        #[query] username: &str,
        #[query] password: &str,
        store: &Store,
    ) -> Result<String, Problem> {
        match lock(&store.users).get(username) {
            Some(user) if user.password == password => Ok(format!("session of {username}")),
            _ => Err(Problem::new(401).with_detail("unknown user or wrong password")),
        }
    }

    /// Logs the user out.
    #[lambda_handler(named, get = "/user/logout")]
    pub(super) async fn log_out() -> NoContent {
        NoContent
    }

    /// Returns a user.
    #[lambda_handler(named, get = "/user/{username}")]
    pub(super) async fn get_user(username: &str, store: &Store) -> Option<Json<User>> {
        lock(&store.users).get(username).cloned().map(Json)
    }

    /// Replaces a user.
    #[lambda_handler(named, put = "/user/{username}")]
    pub(super) async fn update_user(
        username: &str,
        #[body] user: User,
        store: &Store,
    ) -> Result<Json<User>, Problem> {
        let mut users = lock(&store.users);
        let Some(known) = users.get_mut(username) else {
            return Err(Problem::new(404).with_detail("there is no user of this name"));
        };
        if user.username != username {
            return Err(Problem::new(409).with_detail("a user keeps the name"));
        }
        known.clone_from(&user);
        Ok(Json(user))
    }

    /// Removes a user.
    #[lambda_handler(named, delete = "/user/{username}")]
    pub(super) async fn delete_user(username: &str, store: &Store) -> Option<NoContent> {
        lock(&store.users).remove(username).map(|_| NoContent)
    }
}

lambda_native::main!(
    pet::add_pet,
    pet::update_pet,
    pet::find_by_status,
    pet::find_by_tags,
    pet::get_pet,
    pet::rename_pet,
    pet::delete_pet,
    pet::upload_image,
    store::inventory,
    store::place_order,
    store::get_order,
    store::delete_order,
    user::create_user,
    user::create_users,
    user::log_in,
    user::log_out,
    user::get_user,
    user::update_user,
    user::delete_user,
    init = Store::default,
);
