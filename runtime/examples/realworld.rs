//! The API of "Conduit", the blog of the RealWorld project, with its articles in memory.
//!
//! `scaffold openapi` describes it. Its errors have the form that the project asks for, so [`ApiError`]
//! describes its responses itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use lambda_native::http::{IntoResponse, Json, Response};
use serde::{Deserialize, Serialize};

/// Everything that Conduit knows.
#[derive(Default)]
struct Conduit(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    /// The accounts by their names.
    accounts: BTreeMap<String, Account>,
    /// The articles by their slugs.
    articles: BTreeMap<String, StoredArticle>,
    comments: BTreeMap<u64, StoredComment>,
}

struct Account {
    email: String,
    password: String,
    bio: Option<String>,
    image: Option<String>,
    follows: BTreeSet<String>,
}

struct StoredArticle {
    author: String,
    content: NewArticle,
    created: String,
    updated: String,
    favorited_by: BTreeSet<String>,
}

struct StoredComment {
    slug: String,
    author: String,
    body: String,
    created: String,
}

impl Conduit {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// The name of the user with this header `authorization: Token …`.
    ///
    /// A program for more than a demonstration signs its tokens.
    fn user(&self, authorization: Option<&str>) -> Result<String, ApiError> {
        let name = authorization.and_then(|it| it.strip_prefix("Token conduit."));
        let name = name.filter(|name| self.accounts.contains_key(*name));
        name.map(str::to_owned).ok_or(ApiError::Unauthorized)
    }

    fn profile(&self, name: &str, viewer: Option<&str>) -> Option<Profile> {
        let account = self.accounts.get(name)?;
        let viewer = viewer.and_then(|viewer| self.accounts.get(viewer));
        Some(Profile {
            username: name.to_owned(),
            bio: account.bio.clone(),
            image: account.image.clone(),
            following: viewer.is_some_and(|viewer| viewer.follows.contains(name)),
        })
    }

    fn article(&self, slug: &str, viewer: Option<&str>) -> Option<Article> {
        let stored = self.articles.get(slug)?;
        Some(Article {
            slug: slug.to_owned(),
            content: stored.content.clone(),
            created_at: stored.created.clone(),
            updated_at: stored.updated.clone(),
            favorited: viewer.is_some_and(|viewer| stored.favorited_by.contains(viewer)),
            favorites_count: stored.favorited_by.len(),
            author: self.profile(&stored.author, viewer)?,
        })
    }

    fn comment(&self, id: u64, viewer: Option<&str>) -> Option<Comment> {
        let stored = self.comments.get(&id)?;
        Some(Comment {
            id,
            body: stored.body.clone(),
            created_at: stored.created.clone(),
            author: self.profile(&stored.author, viewer)?,
        })
    }
}

fn now() -> String {
    let now = time::OffsetDateTime::now_utc();
    now.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}

/// Why a request fails.
enum ApiError {
    Unauthorized,
    Forbidden,
    NotFound,
    /// A field has a value that cannot be.
    Invalid(&'static str, &'static str),
}

/// The form of errors: for each field, what is wrong with it.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Errors {
    errors: BTreeMap<&'static str, Vec<&'static str>>,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, field, reason) = match self {
            Self::Unauthorized => (401, "authorization", "is missing or not valid"),
            Self::Forbidden => (403, "author", "is another user"),
            Self::NotFound => (404, "path", "names nothing"),
            Self::Invalid(field, reason) => (422, field, reason),
        };
        let errors = BTreeMap::from([(field, vec![reason])]);
        (status, Json(Errors { errors })).into_response()
    }
}

#[cfg(feature = "openapi")]
impl lambda_native::openapi::DescribeResponses for ApiError {
    fn describe(responses: &mut lambda_native::openapi::Responses<'_>) {
        for status in [401, 403, 404, 422] {
            responses.json::<Errors>(status);
        }
    }
}

/// The public part of an account.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Profile {
    username: String,
    bio: Option<String>,
    image: Option<String>,
    /// The user of the request follows this one.
    following: bool,
}

#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct NewArticle {
    title: String,
    description: String,
    body: String,
    #[serde(default)]
    tag_list: BTreeSet<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Article {
    slug: String,
    #[serde(flatten)]
    content: NewArticle,
    created_at: String,
    updated_at: String,
    favorited: bool,
    favorites_count: usize,
    author: Profile,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
struct Comment {
    id: u64,
    body: String,
    created_at: String,
    author: Profile,
}

mod users {
    use lambda_native::http::{Created, Json};
    use lambda_native::lambda_handler;

    use super::{Account, ApiError, Conduit, Deserialize, Serialize, Tables};

    /// The user of the request, with the token for further ones.
    #[derive(Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct User {
        username: String,
        email: String,
        token: String,
        bio: Option<String>,
        image: Option<String>,
    }

    /// The form of requests and responses with a user.
    #[derive(Deserialize, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct OfUser<T> {
        user: T,
    }

    #[derive(Deserialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Login {
        email: String,
        password: String,
    }

    #[derive(Deserialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct NewUser {
        #[cfg_attr(feature = "openapi", schemars(regex(pattern = "^[A-Za-z0-9]+$")))]
        username: String,
        email: String,
        password: String,
    }

    /// The fields to change. Fields that are missing stay as they are.
    #[derive(Deserialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct UserUpdate {
        email: Option<String>,
        password: Option<String>,
        bio: Option<String>,
        image: Option<String>,
    }

    fn user(tables: &Tables, name: &str) -> Result<Json<OfUser<User>>, ApiError> {
        let account = tables.accounts.get(name).ok_or(ApiError::NotFound)?;
        let user = User {
            username: name.to_owned(),
            email: account.email.clone(),
            token: format!("conduit.{name}"),
            bio: account.bio.clone(),
            image: account.image.clone(),
        };
        Ok(Json(OfUser { user }))
    }

    /// Logs a user in.
    #[lambda_handler(named, post = "/api/users/login")]
    pub(super) async fn log_in(
        #[body] login: OfUser<Login>,
        conduit: &Conduit,
    ) -> Result<Json<OfUser<User>>, ApiError> {
        let Login { email, password } = login.user;
        let tables = conduit.tables();
        let is_meant = |account: &Account| account.email == email && account.password == password;
        let name = tables.accounts.iter().find(|(_, account)| is_meant(account));
        user(&tables, name.map(|(name, _)| name).ok_or(ApiError::Unauthorized)?)
    }

    /// Registers a user.
    #[lambda_handler(named, post = "/api/users")]
    pub(super) async fn register(
        #[body] new: OfUser<NewUser>,
        conduit: &Conduit,
    ) -> Result<Created<Json<OfUser<User>>>, ApiError> {
        let NewUser { username, email, password } = new.user;
        // Names are in tokens, and these in headers.
        if username.is_empty() || !username.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(ApiError::Invalid("username", "has letters and digits alone"));
        }
        let mut tables = conduit.tables();
        if tables.accounts.contains_key(&username) {
            return Err(ApiError::Invalid("username", "is taken"));
        }
        let (bio, image, follows) = Default::default();
        let account = Account { email, password, bio, image, follows };
        tables.accounts.insert(username.clone(), account);
        user(&tables, &username).map(Created::new)
    }

    /// Returns the user of the request.
    #[lambda_handler(named, get = "/api/user")]
    pub(super) async fn current_user(
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<Json<OfUser<User>>, ApiError> {
        let tables = conduit.tables();
        user(&tables, &tables.user(authorization)?)
    }

    /// Changes the user of the request.
    #[lambda_handler(named, put = "/api/user")]
    pub(super) async fn update_user(
        #[header] authorization: Option<&str>,
        #[body] update: OfUser<UserUpdate>,
        conduit: &Conduit,
    ) -> Result<Json<OfUser<User>>, ApiError> {
        let mut tables = conduit.tables();
        let name = tables.user(authorization)?;
        let account = tables.accounts.get_mut(&name).ok_or(ApiError::Unauthorized)?;
        let UserUpdate { email, password, bio, image } = update.user;
        account.email = email.unwrap_or_else(|| account.email.clone());
        account.password = password.unwrap_or_else(|| account.password.clone());
        account.bio = bio.or_else(|| account.bio.take());
        account.image = image.or_else(|| account.image.take());
        user(&tables, &name)
    }
}

mod profiles {
    use lambda_native::http::Json;
    use lambda_native::lambda_handler;

    use super::{ApiError, Conduit, Profile, Serialize};

    #[derive(Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct OneProfile {
        profile: Profile,
    }

    /// Returns a profile.
    #[lambda_handler(named, get = "/api/profiles/{username}")]
    pub(super) async fn profile(
        username: &str,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<Json<OneProfile>, ApiError> {
        let tables = conduit.tables();
        let viewer = tables.user(authorization).ok();
        let profile = tables.profile(username, viewer.as_deref()).ok_or(ApiError::NotFound)?;
        Ok(Json(OneProfile { profile }))
    }

    /// Follows a user, or no longer.
    #[lambda_handler(
        named,
        post = "/api/profiles/{username}/follow",
        delete = "/api/profiles/{username}/follow"
    )]
    pub(super) async fn follow(
        username: &str,
        #[header] authorization: Option<&str>,
        request: &lambda_native::http::Request<'_>,
        conduit: &Conduit,
    ) -> Result<Json<OneProfile>, ApiError> {
        let mut tables = conduit.tables();
        let viewer = tables.user(authorization)?;
        if !tables.accounts.contains_key(username) {
            return Err(ApiError::NotFound);
        }
        let account = tables.accounts.get_mut(&viewer).ok_or(ApiError::Unauthorized)?;
        if request.method() == "POST" {
            account.follows.insert(username.to_owned());
        } else {
            account.follows.remove(username);
        }
        let profile = tables.profile(username, Some(&viewer)).ok_or(ApiError::NotFound)?;
        Ok(Json(OneProfile { profile }))
    }
}

mod articles {
    use std::collections::BTreeSet;

    use lambda_native::http::{Created, Json, NoContent, Request};
    use lambda_native::lambda_handler;

    use super::{
        ApiError, Article, Conduit, Deserialize, NewArticle, Serialize, StoredArticle, Tables, now,
    };

    #[derive(Deserialize, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct OfArticle<T> {
        article: T,
    }

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Articles {
        articles: Vec<Article>,
        /// The number of articles on all pages.
        articles_count: usize,
    }

    #[derive(Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Tags {
        tags: BTreeSet<String>,
    }

    /// The articles to list.
    #[derive(Deserialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Filter {
        tag: Option<String>,
        author: Option<String>,
        /// The name of a user who favors the articles.
        favorited: Option<String>,
    }

    /// The fields to change. Fields that are missing stay as they are.
    #[derive(Deserialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct ArticleUpdate {
        title: Option<String>,
        description: Option<String>,
        body: Option<String>,
    }

    /// A title as a part of a path.
    fn slug(title: &str) -> String {
        let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
    }

    fn page(
        tables: &Tables,
        viewer: Option<&str>,
        (limit, offset): (Option<u16>, Option<u32>),
        is_wanted: impl Fn(&StoredArticle) -> bool,
    ) -> Json<Articles> {
        let wanted: Vec<&String> = tables
            .articles
            .iter()
            .filter(|(_, article)| is_wanted(article))
            .map(|(slug, _)| slug)
            .collect();
        let offset = usize::try_from(offset.unwrap_or(0)).unwrap_or(usize::MAX);
        let page = wanted.iter().skip(offset).take(limit.unwrap_or(20).into());
        let articles = page.filter_map(|slug| tables.article(slug, viewer)).collect();
        Json(Articles { articles, articles_count: wanted.len() })
    }

    /// Lists articles.
    #[lambda_handler(named, get = "/api/articles")]
    pub(super) async fn list_articles(
        #[query(all)] filter: Filter,
        #[query] limit: Option<u16>,
        #[query] offset: Option<u32>,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Json<Articles> {
        let tables = conduit.tables();
        let viewer = tables.user(authorization).ok();
        page(&tables, viewer.as_deref(), (limit, offset), |article| {
            filter.tag.as_ref().is_none_or(|tag| article.content.tag_list.contains(tag))
                && filter.author.as_ref().is_none_or(|author| article.author == *author)
                && filter.favorited.as_ref().is_none_or(|it| article.favorited_by.contains(it))
        })
    }

    /// Lists the articles of those whom the user follows.
    #[lambda_handler(named, get = "/api/articles/feed")]
    pub(super) async fn feed(
        #[query] limit: Option<u16>,
        #[query] offset: Option<u32>,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<Json<Articles>, ApiError> {
        let tables = conduit.tables();
        let viewer = tables.user(authorization)?;
        let follows = tables.accounts.get(&viewer).map(|account| &account.follows);
        Ok(page(&tables, Some(&viewer), (limit, offset), |article| {
            follows.is_some_and(|follows| follows.contains(&article.author))
        }))
    }

    /// Publishes an article.
    #[lambda_handler(named, post = "/api/articles")]
    pub(super) async fn publish(
        #[header] authorization: Option<&str>,
        #[body] new: OfArticle<NewArticle>,
        conduit: &Conduit,
    ) -> Result<Created<Json<OfArticle<Article>>>, ApiError> {
        let mut tables = conduit.tables();
        let author = tables.user(authorization)?;
        let slug = slug(&new.article.title);
        if slug.is_empty() {
            return Err(ApiError::Invalid("title", "has no letters"));
        }
        if tables.articles.contains_key(&slug) {
            return Err(ApiError::Invalid("title", "is taken"));
        }
        let stored = StoredArticle {
            author: author.clone(),
            content: new.article,
            created: now(),
            updated: now(),
            favorited_by: BTreeSet::new(),
        };
        tables.articles.insert(slug.clone(), stored);
        let article = tables.article(&slug, Some(&author)).ok_or(ApiError::NotFound)?;
        Ok(Created::at(format!("/api/articles/{slug}"), Json(OfArticle { article })))
    }

    /// Returns an article.
    #[lambda_handler(named, get = "/api/articles/{slug}")]
    pub(super) async fn article(
        slug: &str,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<Json<OfArticle<Article>>, ApiError> {
        let tables = conduit.tables();
        let viewer = tables.user(authorization).ok();
        let article = tables.article(slug, viewer.as_deref()).ok_or(ApiError::NotFound)?;
        Ok(Json(OfArticle { article }))
    }

    /// Changes an article of the user.
    #[lambda_handler(named, put = "/api/articles/{slug}")]
    pub(super) async fn update_article(
        slug: &str,
        #[header] authorization: Option<&str>,
        #[body] update: OfArticle<ArticleUpdate>,
        conduit: &Conduit,
    ) -> Result<Json<OfArticle<Article>>, ApiError> {
        let mut tables = conduit.tables();
        let user = tables.user(authorization)?;
        let stored = tables.articles.get_mut(slug).ok_or(ApiError::NotFound)?;
        if stored.author != user {
            return Err(ApiError::Forbidden);
        }
        let ArticleUpdate { title, description, body } = update.article;
        let content = &mut stored.content;
        content.title = title.unwrap_or_else(|| content.title.clone());
        content.description = description.unwrap_or_else(|| content.description.clone());
        content.body = body.unwrap_or_else(|| content.body.clone());
        stored.updated = now();
        let article = tables.article(slug, Some(&user)).ok_or(ApiError::NotFound)?;
        Ok(Json(OfArticle { article }))
    }

    /// Removes an article of the user.
    #[lambda_handler(named, delete = "/api/articles/{slug}")]
    pub(super) async fn delete_article(
        slug: &str,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<NoContent, ApiError> {
        let mut tables = conduit.tables();
        let user = tables.user(authorization)?;
        let stored = tables.articles.get(slug).ok_or(ApiError::NotFound)?;
        if stored.author != user {
            return Err(ApiError::Forbidden);
        }
        tables.articles.remove(slug);
        tables.comments.retain(|_, comment| comment.slug != slug);
        Ok(NoContent)
    }

    /// Favors an article, or no longer.
    #[lambda_handler(
        named,
        post = "/api/articles/{slug}/favorite",
        delete = "/api/articles/{slug}/favorite"
    )]
    pub(super) async fn favorite(
        slug: &str,
        #[header] authorization: Option<&str>,
        request: &Request<'_>,
        conduit: &Conduit,
    ) -> Result<Json<OfArticle<Article>>, ApiError> {
        let mut tables = conduit.tables();
        let user = tables.user(authorization)?;
        let stored = tables.articles.get_mut(slug).ok_or(ApiError::NotFound)?;
        if request.method() == "POST" {
            stored.favorited_by.insert(user.clone());
        } else {
            stored.favorited_by.remove(&user);
        }
        let article = tables.article(slug, Some(&user)).ok_or(ApiError::NotFound)?;
        Ok(Json(OfArticle { article }))
    }

    /// Lists all tags.
    #[lambda_handler(named, get = "/api/tags")]
    pub(super) async fn tags(conduit: &Conduit) -> Json<Tags> {
        let tables = conduit.tables();
        let tags = tables.articles.values().flat_map(|article| &article.content.tag_list);
        Json(Tags { tags: tags.cloned().collect() })
    }
}

mod comments {
    use lambda_native::http::{Created, Json, NoContent};
    use lambda_native::lambda_handler;

    use super::{ApiError, Comment, Conduit, Deserialize, Serialize, StoredComment, now};

    #[derive(Deserialize, Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct OfComment<T> {
        comment: T,
    }

    #[derive(Deserialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct NewComment {
        body: String,
    }

    #[derive(Serialize)]
    #[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
    pub(crate) struct Comments {
        comments: Vec<Comment>,
    }

    /// Comments on an article.
    #[lambda_handler(named, post = "/api/articles/{slug}/comments")]
    pub(super) async fn add_comment(
        slug: &str,
        #[header] authorization: Option<&str>,
        #[body] new: OfComment<NewComment>,
        conduit: &Conduit,
    ) -> Result<Created<Json<OfComment<Comment>>>, ApiError> {
        let mut tables = conduit.tables();
        let author = tables.user(authorization)?;
        if !tables.articles.contains_key(slug) {
            return Err(ApiError::NotFound);
        }
        let id = tables.comments.keys().next_back().map_or(1, |last| last + 1);
        let (slug, body) = (slug.to_owned(), new.comment.body);
        let stored = StoredComment { slug, author: author.clone(), body, created: now() };
        tables.comments.insert(id, stored);
        let comment = tables.comment(id, Some(&author)).ok_or(ApiError::NotFound)?;
        Ok(Created::new(Json(OfComment { comment })))
    }

    /// Lists the comments on an article.
    #[lambda_handler(named, get = "/api/articles/{slug}/comments")]
    pub(super) async fn list_comments(
        slug: &str,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<Json<Comments>, ApiError> {
        let tables = conduit.tables();
        let viewer = tables.user(authorization).ok();
        if !tables.articles.contains_key(slug) {
            return Err(ApiError::NotFound);
        }
        let of_article = tables.comments.iter().filter(|(_, comment)| comment.slug == slug);
        let comments = of_article.filter_map(|(id, _)| tables.comment(*id, viewer.as_deref()));
        Ok(Json(Comments { comments: comments.collect() }))
    }

    /// Removes a comment of the user.
    #[lambda_handler(named, delete = "/api/articles/{slug}/comments/{id}")]
    pub(super) async fn delete_comment(
        slug: &str,
        id: u64,
        #[header] authorization: Option<&str>,
        conduit: &Conduit,
    ) -> Result<NoContent, ApiError> {
        let mut tables = conduit.tables();
        let user = tables.user(authorization)?;
        let comment = tables.comments.get(&id).filter(|comment| comment.slug == slug);
        if comment.ok_or(ApiError::NotFound)?.author != user {
            return Err(ApiError::Forbidden);
        }
        tables.comments.remove(&id);
        Ok(NoContent)
    }
}

lambda_native::main!(
    users::log_in,
    users::register,
    users::current_user,
    users::update_user,
    profiles::profile,
    profiles::follow,
    articles::list_articles,
    articles::feed,
    articles::publish,
    articles::article,
    articles::update_article,
    articles::delete_article,
    articles::favorite,
    articles::tags,
    comments::add_comment,
    comments::list_comments,
    comments::delete_comment,
    init = Conduit::default,
);
