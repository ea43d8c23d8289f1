//! Questions about types.

use proc_macro2::TokenStream;
use syn::{Lifetime, Type};

use super::signature::Signature;
use crate::lifetimes;

/// The type without the lifetimes that the function declares.
pub(crate) fn elided(ty: TokenStream, signature: &Signature) -> TokenStream {
    let declared = |name: &Lifetime| signature.generics.lifetimes().any(|it| it.lifetime == *name);
    lifetimes::replace(ty, &mut |lifetime, span| match lifetime {
        Some(name) if declared(&name) => Some(lifetimes::named("_", span)),
        other => other,
    })
}

/// The type within `&T`.
pub(crate) fn shared(ty: &Type) -> Option<&Type> {
    match ungrouped(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => Some(&reference.elem),
        _ => None,
    }
}

/// The type within `&mut T`.
pub(crate) fn mutable(ty: &Type) -> Option<&Type> {
    match ungrouped(ty) {
        Type::Reference(reference) if reference.mutability.is_some() => Some(&reference.elem),
        _ => None,
    }
}

/// Tells whether `name` is the last segment of the type's path.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    match ungrouped(ty) {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == name),
        _ => false,
    }
}

/// The type without parentheses, and without the group that `macro_rules` puts around `$ty`.
pub(crate) fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}
