//! Names for people who do not exist.

use super::super::chance::Chance;

const FIRST: [&str; 40] = [
    "Ana", "Luis", "Marta", "Diego", "Elena", "Carlos", "Sofia", "Javier", "Lucia", "Andres",
    "Paula", "Miguel", "Carmen", "Raul", "Isabel", "Oscar", "Nuria", "Hector", "Silvia", "Tomas",
    "Emma", "James", "Grace", "Daniel", "Hannah", "Owen", "Alice", "Peter", "Ruth", "Samuel",
    "Aisha", "Omar", "Mei", "Kenji", "Priya", "Arjun", "Fatima", "Ivan", "Olga", "Amara",
];
const LAST: [&str; 40] = [
    "Garcia", "Lopez", "Ortega", "Navarro", "Ruiz", "Molina", "Castro", "Vega", "Herrera",
    "Delgado", "Romero", "Campos", "Fuentes", "Aguilar", "Reyes", "Cruz", "Flores", "Medina",
    "Salazar", "Rojas", "Miller", "Carter", "Walsh", "Hughes", "Bennett", "Foster", "Murphy",
    "Ellis", "Parker", "Shaw", "Khan", "Haddad", "Chen", "Tanaka", "Patel", "Singh", "Rahman",
    "Petrov", "Novak", "Okafor",
];

/// So many names, each another person's.
pub(super) fn people(chance: &mut Chance, count: usize) -> Vec<String> {
    let mut pairs = (0..FIRST.len() * LAST.len()).collect::<Vec<_>>();
    for place in (1..pairs.len()).rev() {
        pairs.swap(place, chance.one_of(place + 1));
    }
    let name = |place: usize| {
        let pair = pairs[place % pairs.len()];
        let name = format!("{} {}", FIRST[pair % FIRST.len()], LAST[pair / FIRST.len()]);
        match place / pairs.len() {
            0 => name,
            more => format!("{name} {}", more + 1),
        }
    };
    (0..count).map(name).collect()
}
