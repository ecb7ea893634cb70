//! A database of SQLite that is taken away, full, newer, or none.

use std::fs;

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use crate::harness::{Folder, Process, Running, until};

#[test]
fn a_database_that_is_taken_away_is_refused_and_found_again() {
    let server = Running::new(&[]);
    server.client.create("s");
    server.client.session("s", "x = 1").values();
    let (database, aside) = (server.database(), format!("{}.aside", server.database()));
    for ending in ["", "-wal", "-shm"] {
        // The last two are there only while it is open.
        let _ = fs::rename(format!("{database}{ending}"), format!("{aside}{ending}"));
    }
    let answer = server.client.session("s", "x = 2");
    assert_eq!(answer.problem(), (503, "database_away".into()));
    assert!(answer.header("retry-after").is_some());
    assert_eq!(server.client.post("/api/sessions", &json!({})).problem(), (503, "database_away".into()));
    assert_eq!(server.client.get("/readyz").problem(), (503, "database_away".into()));
    assert_eq!(server.client.get("/healthz").status, 200);
    assert_eq!(server.client.metric("moonlet_database_up"), 0.0);
    assert_eq!(server.client.lua("return 1").values(), json!([1]), "scripts without a session need none");
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::rename(format!("{aside}{ending}"), format!("{database}{ending}"));
    }
    until("it is back", || server.client.get("/readyz").status == 200);
    assert_eq!(server.client.session("s", "return x").values(), json!([1]));
}

#[test]
fn another_database_in_its_place_is_taken_for_what_it_is() {
    let server = Running::new(&[]);
    server.client.create("s");
    let database = server.database();
    let folder = Folder::new();
    let copy = Running::new(&[]);
    copy.client.create("t");
    let source = copy.database();
    // Without its owner, which would write on.
    let kept = folder.file("kept.db");
    fs::copy(&source, &kept).unwrap();
    for ending in ["-wal", "-shm"] {
        let _ = fs::copy(format!("{source}{ending}"), format!("{kept}{ending}"));
    }
    drop(copy);
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{database}{ending}"));
        let _ = fs::rename(format!("{kept}{ending}"), format!("{database}{ending}"));
    }
    until("it is found", || {
        server.client.get("/api/sessions/t").status == 200
            && server.client.get("/api/sessions/s").status == 404
    });
}

#[test]
fn a_full_database_says_so_and_loses_nothing() {
    let server = Running::new(&["--database-bytes", "300K"]);
    server.client.create("s");
    server.client.session("s", "x = 1").values();
    let grow = "x = 2 t = {} for i = 1, 50000 do t[i] = math.random(1 << 60) end";
    let answer = server.client.session("s", grow);
    assert_eq!(answer.problem(), (507, "database_full".into()));
    assert_eq!(server.client.get("/readyz").status, 200, "a full one is not away");
    assert_eq!(server.client.session("s", "return x, t").values(), json!([1, null]));
}

fn sql(database: &str, statements: &[&'static str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection =
            SqliteConnection::connect(&format!("sqlite://{database}?mode=rwc")).await.unwrap();
        for statement in statements {
            sqlx::query(*statement).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
    });
}

#[test]
fn a_database_of_a_newer_schema_is_left_alone() {
    let folder = Folder::new();
    let database = folder.file("sessions.db");
    let server = Process::new(&database, &[]).ok().unwrap();
    server.client.create("s");
    server.signal("TERM");
    server.wait();
    sql(
        &database,
        &["INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
            VALUES (99, 'from the future', 1, x'00', 0)"],
    );
    let before = fs::read(&database).unwrap();
    let ended = Process::new(&database, &[]).err().unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(ended.log.contains("has schema 99, and this program knows 1 at most"), "{}", ended.log);
    assert!(fs::read(&database).unwrap() == before);
}

#[test]
fn what_is_no_database_says_so() {
    let folder = Folder::new();
    let start = |database: &str| {
        let ended = Process::new(database, &[]).err().unwrap();
        assert_eq!(ended.status.code(), Some(1));
        ended.log
    };
    let text = folder.write("text.db", &"no database at all, but a text of some length\n".repeat(100));
    assert!(start(&text).contains("not a database"), "{}", start(&text));
    let inside = folder.file("folder");
    fs::create_dir(&inside).unwrap();
    assert!(start(&inside).contains("is a folder; name a file"));
    assert!(start(&format!("{text}/sessions.db")).contains("its folder cannot be made"));
    assert!(start("postgres://[").contains("cannot be opened"));
}

#[test]
fn a_damaged_session_says_so_and_the_others_go_on() {
    let folder = Folder::new();
    let database = folder.file("sessions.db");
    let server = Process::new(&database, &[]).ok().unwrap();
    for name in ["good", "damaged", "foreign", "newer"] {
        server.client.create(name);
        server.client.session(name, "x = 1").values();
    }
    server.signal("TERM");
    server.wait();
    sql(
        &database,
        &[
            "UPDATE sessions SET state = substr(state, 1, 500) WHERE name = 'damaged'",
            "UPDATE sessions SET state = 'a text' WHERE name = 'foreign'",
            "UPDATE sessions SET state = x'0900000000' WHERE name = 'newer'",
        ],
    );
    let server = Process::new(&database, &[]).ok().unwrap();
    for name in ["damaged", "foreign", "newer"] {
        assert_eq!(server.client.session(name, "").problem(), (410, "session_unusable".into()), "{name}");
        assert_eq!(server.client.delete(&format!("/api/sessions/{name}")).status, 204);
    }
    assert_eq!(server.client.session("good", "return x").values(), json!([1]));
}
