//! What the compiler says of functions that cannot be: each file in `fail/` has one fault, and beside
//! it what is printed. `TRYBUILD=overwrite cargo test` writes that anew.

#[test]
fn faults_are_said_at_their_place_with_their_mend() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}
