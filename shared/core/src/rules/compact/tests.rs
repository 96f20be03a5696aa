//! The compact form and the `cel` crate agree, on values and on failures.

use std::collections::BTreeMap;

use cel::common::types::{CelBool, CelDouble, CelString};
use cel::common::value::CowVal;
use cel::context::VariableResolver;
use proptest::prelude::*;

use super::super::lower::{Fault, condition};
use super::super::names::{self, NUMBER_COUNT, Name, Values};
use crate::payment::flag_set::Flag as _;
use crate::payment::transaction::TextFlag;

const NUMBERS: [&str; 4] = ["amount", "pair_count", "sender_pass_through_2d", "receiver_in_new_7d"];
const TEXTS: [&str; 3] = ["currency", "sender_country", "payment_type"];
const FLAGS: [&str; 2] = ["purpose_url", "purpose_formula"];
const WORDS: [&str; 4] = ["GB", "IR", "wire", ""];

struct Scope<'a>(&'a Values<'a>, &'a BTreeMap<String, f64>);

impl VariableResolver for Scope<'_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        if let Some(number) = self.1.get(name) {
            return Some(CowVal::Owned(Box::new(CelDouble::from(*number))));
        }
        Some(match names::find(name)? {
            Name::Number(at) => CowVal::Owned(Box::new(CelDouble::from(self.0.numbers[at]))),
            Name::Text(at) => CowVal::Owned(Box::new(CelString::from(self.0.texts[at]))),
            Name::Flag(at) => CowVal::Owned(Box::new(CelBool::from(self.0.flag(at)))),
        })
    }
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("0.0".to_owned()),
        Just("-1.0".to_owned()),
        (-50..50_i32).prop_map(|n| format!("{n}.5")),
        Just("low".to_owned()),
        Just("high".to_owned()),
    ]
}

fn number() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![literal(), prop::sample::select(&NUMBERS[..]).prop_map(str::to_owned),];
    leaf.prop_recursive(3, 12, 2, |inner| {
        let sign = prop::sample::select(&["+", "-", "*", "/"][..]);
        prop_oneof![
            (inner.clone(), sign, inner.clone()).prop_map(|(a, s, b)| format!("({a} {s} {b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (leaf_flag(), inner.clone(), inner)
                .prop_map(|(guard, a, b)| format!("({guard} ? {a} : {b})")),
        ]
    })
}

fn leaf_flag() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(&FLAGS[..]).prop_map(str::to_owned),
        prop::bool::ANY.prop_map(|yes| yes.to_string()),
    ]
}

fn boolean() -> impl Strategy<Value = String> {
    let compare = prop::sample::select(&["<", "<=", ">", ">=", "==", "!="][..]);
    let same = prop::sample::select(&["==", "!="][..]);
    let text = || prop::sample::select(&TEXTS[..]);
    let word = || prop::sample::select(&WORDS[..]);
    let whole = prop_oneof![number(), (-3..9_i32).prop_map(|n| n.to_string())];
    let words = prop::collection::vec(word(), 0..3);
    let leaf = prop_oneof![
        leaf_flag(),
        (number(), compare, whole).prop_map(|(a, s, b)| format!("{a} {s} {b}")),
        (text(), same.clone(), word()).prop_map(|(a, s, b)| format!("{a} {s} '{b}'")),
        (text(), same.clone(), text()).prop_map(|(a, s, b)| format!("{a} {s} {b}")),
        (text(), words).prop_map(|(a, list)| {
            let list: Vec<String> = list.iter().map(|word| format!("'{word}'")).collect();
            format!("{a} in [{}]", list.join(", "))
        }),
        (number(), prop::collection::vec(literal(), 0..4)).prop_map(|(a, list)| format!(
            "{a} in [{}, 3]",
            list.join(", ")
        )
        .replace("[, ", "[")),
    ];
    leaf.prop_recursive(4, 24, 3, move |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} && {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} || {b})")),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| format!("{a} && {b} || {c}")),
            inner.clone().prop_map(|a| format!("!({a})")),
            (inner.clone(), same.clone(), inner.clone())
                .prop_map(|(a, s, b)| format!("(({a}) {s} ({b}))")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
        ]
    })
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(-1.0),
        Just(3.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        -60.0..60.0_f64
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]
    #[test]
    fn the_compact_form_means_what_cel_means(
        expression in boolean(),
        given in prop::array::uniform4(value()),
        word in prop::array::uniform3(prop::sample::select(&WORDS[..])),
        bits in 0..32_u32,
        low in -60.0..60.0_f64,
        high in value(),
    ) {
        let params = BTreeMap::from([("low".to_owned(), low), ("high".to_owned(), high)]);
        let numbers = [0.0; NUMBER_COUNT];
        let flags = TextFlag::ALL.iter().enumerate();
        let flags = flags.filter(|(at, _)| bits & (1 << at) != 0).map(|(_, flag)| *flag).collect();
        let mut values = Values { numbers, texts: [""; 5], flags, graph: true, segments: [0, 0] };
        for (name, number) in NUMBERS.iter().zip(given) {
            let Some(Name::Number(at)) = names::find(name) else { panic!("{name}") };
            values.numbers[at] = number;
        }
        for (name, word) in TEXTS.iter().zip(word) {
            let Some(Name::Text(at)) = names::find(name) else { panic!("{name}") };
            values.texts[at] = word;
        }
        let program = cel::Program::compile(&expression).unwrap();
        let scope = Scope(&values, &params);
        let mut context = cel::Context::default();
        context.set_variable_resolver(&scope);
        let expected = match program.execute(&context) {
            Ok(cel::Value::Bool(answer)) => Some(answer),
            Err(_) => None,
            Ok(other) => panic!("{expression} is {other:?}"),
        };
        match condition(program.expression(), &params) {
            Ok(compact) => prop_assert_eq!(compact.holds(&values), expected, "{}", expression),
            Err(Fault::NotCompact) => prop_assert!(false, "{} has no compact form", expression),
            Err(Fault::Type { message, .. }) => {
                prop_assert!(false, "{} is refused: {}", expression, message);
            }
        }
    }
}
