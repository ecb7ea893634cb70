//! Values by serde: structs, enums, maps and all that derives `Serialize` or `Deserialize`.

mod de;
mod ser;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{FromLua, IntoLua, Result, Value};

/// A value that goes to Lua or comes from it by serde: a struct as a table with its fields as strings, an enum by serde's rules, bytes as a
/// string.
///
/// ```
/// use moonlet::Serde;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Player {
///     name: String,
///     position: (f64, f64),
/// }
///
/// let lua = moonlet::Lua::new()?;
/// lua.set("player", Serde(Player { name: "Ada".into(), position: (1.0, 2.0) }))?;
/// let Serde(player): Serde<Player> = lua.eval("player.position[1] = 5 return player")?;
/// assert_eq!((player.name.as_str(), player.position), ("Ada", (5.0, 2.0)));
/// # Ok::<(), moonlet::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serde<T>(pub T);

impl<T: Serialize> IntoLua for Serde<T> {
    fn into_lua(self) -> Result<Value> {
        to_value(&self.0)
    }
}

impl<T: DeserializeOwned> FromLua for Serde<T> {
    fn from_lua(value: Value) -> Result<Self> {
        from_value(value).map(Self)
    }
}

/// The value of Lua that serde makes of one.
///
/// # Errors
/// [`Conversion`](crate::ErrorKind::Conversion): Lua has no such value.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    value.serialize(ser::Serializer)
}

/// What serde makes of a value of Lua.
///
/// # Errors
/// [`Conversion`](crate::ErrorKind::Conversion): it is none of that type.
pub fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(de::Deserializer(value))
}
