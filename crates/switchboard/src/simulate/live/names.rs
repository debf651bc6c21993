//! Names for people who do not exist.

use super::super::chance::Chance;

const FIRST: [&str; 40] = [
    "Ana", "Luis", "Marta", "Diego", "Elena", "Carlos", "Sofia", "Javier", "Lucia", "Andres",
    "Paula", "Miguel", "Carmen", "Raul", "Isabel", "Oscar", "Nuria", "Hector", "Silvia", "Tomas",
    "Emma", "James", "Grace", "Daniel", "Hannah", "Owen", "Alice", "Peter", "Ruth", "Samuel", "Aisha",
    "Omar", "Mei", "Kenji", "Priya", "Arjun", "Fatima", "Ivan", "Olga", "Amara",
];
const LAST: [&str; 40] = [
    "Garcia", "Lopez", "Ortega", "Navarro", "Ruiz", "Molina", "Castro", "Vega", "Herrera", "Delgado",
    "Romero", "Campos", "Fuentes", "Aguilar", "Reyes", "Cruz", "Flores", "Medina", "Salazar", "Rojas",
    "Miller", "Carter", "Walsh", "Hughes", "Bennett", "Foster", "Murphy", "Ellis", "Parker", "Shaw",
    "Khan", "Haddad", "Chen", "Tanaka", "Patel", "Singh", "Rahman", "Petrov", "Novak", "Okafor",
];

/// So many names, each another person's.
pub(super) fn people(chance: &mut Chance, count: usize) -> Vec<String> {
    let pairs = FIRST.len() * LAST.len();
    // A step without a common factor with their number visits every pair before it comes to one again.
    let (first, step) = (chance.one_of(pairs), 641);
    let pair = |place: usize| (first + place * step) % pairs;
    let name = |pair: usize| format!("{} {}", FIRST[pair % FIRST.len()], LAST[pair / FIRST.len()]);
    (0..count)
        .map(|place| match place / pairs {
            0 => name(pair(place)),
            more => format!("{} {}", name(pair(place)), more + 1),
        })
        .collect()
}
