//! Links from the answer that makes a resource to what can be asked of that resource then (OpenAPI 3.1, Link Object).

use elder_http::Route;
use utoipa::openapi::{
    RefOr, Response,
    link::{Link, LinkBuilder},
    path::Operation,
};

/// Where the collections lie that are below no other.
const ROOT: &str = "/api/v2";

/// Links what `operation` makes to every one of `routes` that has its id, and no other new one, in the path.
pub(super) fn describe(route: &Route, routes: &[Route], operation: &mut Operation) {
    let Some(RefOr::T(made)) = operation.responses.responses.get_mut("201") else { return };
    for target in routes {
        let below = id_below(&route.path, &target.path);
        let Some(id) = below.or_else(|| id_at_root(&route.path, &target.path)) else { continue };
        if let Some(name) = &target.operation.operation_id {
            made.links.insert(name.clone(), RefOr::T(link(name, &target.path, id, made)));
        }
    }
}

/// The same, if what is made below something else lies in a collection of its own: keys of a service account.
fn id_at_root<'a>(collection: &str, path: &'a str) -> Option<&'a str> {
    let (root, rest) = (collection.get(..ROOT.len())?, collection.get(ROOT.len()..)?);
    let (above, name) = rest.rsplit_once('/')?;
    if root != ROOT || !above.ends_with('}') {
        return None;
    }
    id_below(&format!("{ROOT}/{name}"), path)
}

/// The parameter in which `path` has the id of something in `collection`, if it has no other one.
fn id_below<'a>(collection: &str, path: &'a str) -> Option<&'a str> {
    let (id, rest) = path.strip_prefix(collection)?.strip_prefix("/{")?.split_once('}')?;
    (!rest.contains('{')).then_some(id)
}

fn link(name: &str, target: &str, id: &str, made: &Response) -> Link {
    let field = if has_field(made, id) { id } else { "id" };
    let above = parameters(target).filter(|other| *other != id);
    let above = above.map(|name| (name, format!("$request.path.{name}")));
    let known = above.chain([(id, format!("$response.body#/{field}"))]);
    known.fold(LinkBuilder::new().operation_id(name), |link, (name, from)| link.parameter(name, from)).build()
}

/// Whether the example of what was made has a field of this name.
fn has_field(made: &Response, name: &str) -> bool {
    let examples = made.content.values().filter_map(|content| match content {
        RefOr::T(content) => content.example.as_ref(),
        RefOr::Ref(_) => None,
    });
    examples.into_iter().any(|example| example.get(name).is_some())
}

/// The names in braces of a path.
fn parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_in_a_collection_has_its_id_right_below() {
        assert_eq!(id_below("/users", "/users/{user_id}"), Some("user_id"));
        assert_eq!(id_below("/users", "/users/{user_id}/activate"), Some("user_id"));
        assert_eq!(id_below("/users", "/users/{user_id}/sessions/{session_id}"), None);
        assert_eq!(id_below("/users", "/users/batch"), None);
        assert_eq!(id_below("/users", "/users"), None);
    }

    #[test]
    fn what_is_made_below_something_else_may_have_its_id_at_the_root() {
        let keys = "/api/v2/service-accounts/{id}/api-keys";
        assert_eq!(id_at_root(keys, "/api/v2/api-keys/{key_id}/rotate"), Some("key_id"));
        assert_eq!(id_at_root(keys, "/api/v2/api-keys/batch"), None);
        assert_eq!(id_at_root("/api/v2/me/api-keys", "/api/v2/api-keys/{key_id}"), None);
        assert_eq!(id_at_root("/api/v2/users", "/api/v2/users/{user_id}"), None);
    }

    #[test]
    fn a_link_takes_the_id_from_the_answer_and_the_rest_from_the_request() {
        let path = "/directories/{dir_id}/tokens/{token_id}";
        let link = link("tokens.delete", path, "token_id", &Response::new(""));
        let parameters: Vec<_> =
            link.parameters.iter().map(|(name, from)| (name.as_str(), from.as_str().unwrap())).collect();
        assert_eq!(parameters, [("dir_id", "$request.path.dir_id"), ("token_id", "$response.body#/id")]);
    }
}
