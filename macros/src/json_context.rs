//! `#[json_context(…)]`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Lifetime, Token, Type, Visibility};

use crate::diagnostics::{Errors, code};
use crate::lambda_handler::expand::emit;
use crate::library::{self, Library};
use crate::lifetimes;

/// A type of the list.
struct RegisteredType {
    ty: Type,
    /// The type as it is written.
    name: String,
    /// The type with a name for each lifetime.
    named: TokenStream,
    lifetimes: Vec<Lifetime>,
}

/// Emits the struct as it is written, and the code of its types.
pub(crate) fn json_context(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut types: Vec<RegisteredType> = Vec::new();
    let mut library: Option<Library> = None;
    let list = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if input.peek(Token![crate]) && input.peek2(Token![=]) {
                input.parse::<Token![crate]>()?;
                input.parse::<Token![=]>()?;
                library = Some(input.parse()?);
            } else {
                let ty = RegisteredType::new(input.parse()?);
                if types.iter().any(|other| other.name == ty.name) {
                    errors.refuse(&ty.ty, format!("`{}` is registered twice", ty.name));
                } else {
                    types.push(ty);
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(())
    };
    let list = list.parse2(args);
    if errors.take(list).is_some() && types.is_empty() {
        errors.push(syn::Error::new(
            Span::call_site(),
            "no type is registered\n\
             hint: list the types that the functions read and write: `#[json_context(Event, Reply)]`",
        ));
    }
    let context = errors.take(unit_struct.parse2(item.clone()));
    let code = context.map(|(visibility, name)| {
        context_code(&library::path(library.as_ref()), &visibility, &name, &types)
    });
    quote!(#item #errors #code)
}

/// Reads the visibility and the name of `struct Name;`.
fn unit_struct(input: ParseStream<'_>) -> syn::Result<(Visibility, Ident)> {
    const EXPECTED: &str = "`#[json_context]` goes on a unit struct: `struct Json;`";
    input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let start = input.cursor();
    let refuse = |_| syn::Error::new(start.span(), EXPECTED);
    input.parse::<Token![struct]>().map_err(refuse)?;
    let name = input.parse::<Ident>()?;
    if !input.peek(Token![;]) {
        let rest = input.parse::<TokenTree>().unwrap_or_else(|_| name.clone().into());
        input.parse::<TokenStream>()?;
        return Err(syn::Error::new_spanned(rest, EXPECTED));
    }
    input.parse::<Token![;]>()?;
    Ok((visibility, name))
}

impl RegisteredType {
    fn new(ty: Type) -> Self {
        let mut lifetimes: Vec<Lifetime> = Vec::new();
        let named = lifetimes::replace(ty.to_token_stream(), &mut |lifetime, span| {
            let lifetime = match lifetime {
                Some(lifetime) if lifetime.ident != "_" => lifetime,
                _ => lifetimes::named(&format!("__{}", lifetimes.len()), span),
            };
            if lifetime.ident != "static" && !lifetimes.contains(&lifetime) {
                lifetimes.push(lifetime.clone());
            }
            Some(lifetime)
        });
        Self { name: code(&ty), ty, named, lifetimes }
    }
}

fn context_code(
    library: &TokenStream,
    visibility: &Visibility,
    name: &Ident,
    types: &[RegisteredType],
) -> TokenStream {
    let names = types.iter().map(|ty| &ty.name);
    let registered = types.iter().map(|ty| registered(library, name, ty));
    emit! {
        impl #library::json::JsonContext for #name {
            const TYPES: &'static [&'static ::core::primitive::str] = &[#(#names),*];
        }

        #[allow(dead_code)]
        impl #name {
            /// The registered types, as they are written.
            #visibility const TYPES: &'static [&'static ::core::primitive::str] =
                <Self as #library::json::JsonContext>::TYPES;

            /// Reads a value of a registered type.
            ///
            /// # Errors
            /// If `json` is not JSON, or not of that type.
            #visibility fn from_slice<'de, T>(
                json: &'de [::core::primitive::u8],
            ) -> ::core::result::Result<T, #library::json::Error>
            where
                T: #library::json::Registered<Self> + #library::__private::serde::Deserialize<'de>,
            {
                #library::json::read(json)
            }

            /// Reads a value of a registered type.
            ///
            /// # Errors
            /// If `json` is not JSON, or not of that type.
            #visibility fn from_str<'de, T>(
                json: &'de ::core::primitive::str,
            ) -> ::core::result::Result<T, #library::json::Error>
            where
                T: #library::json::Registered<Self> + #library::__private::serde::Deserialize<'de>,
            {
                #library::json::read(json.as_bytes())
            }

            /// Writes a value of a registered type.
            ///
            /// # Errors
            /// If JSON has no form for the value, such as a map whose keys are not text.
            #visibility fn to_vec<T>(
                value: &T,
            ) -> ::core::result::Result<::std::vec::Vec<::core::primitive::u8>, #library::json::Error>
            where
                T: #library::json::Registered<Self> + #library::__private::serde::Serialize,
            {
                #library::__private::to_vec(value)
            }

            /// Writes a value of a registered type.
            ///
            /// # Errors
            /// If JSON has no form for the value, such as a map whose keys are not text.
            #visibility fn to_string<T>(
                value: &T,
            ) -> ::core::result::Result<::std::string::String, #library::json::Error>
            where
                T: #library::json::Registered<Self> + #library::__private::serde::Serialize,
            {
                #library::__private::to_string(value)
            }
        }

        #(#registered)*
    }
}

/// Writes the registration of one type; an error about the type points at it in the list.
fn registered(library: &TokenStream, context: &Ident, ty: &RegisteredType) -> TokenStream {
    let RegisteredType { ty, named, lifetimes, .. } = ty;
    let (start, end) = crate::diagnostics::ends(ty);
    // The two ends make an error about the whole implementation one about the type.
    let header = quote_spanned!(start=> impl);
    let body = quote_spanned!(end=> {});
    quote! {
        #header<#(#lifetimes),*> #library::json::Registered<#context> for #named #body
    }
}
