//! A small shop: several functions behind one API, all in this executable. Lambda's setting
//! `Handler` selects the function.

mod catalogue;
mod items;
mod orders;

lambda_native::main!(items::list, items::find, orders::place);
