"""WordPress 6.5 on SQLite, on PHP's own web server: no database server, nothing installed."""

from __future__ import annotations

import base64
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from running import SERVERS, asked, free_port, running

PHP = SERVERS / "php"
EXTENSIONS = [
    "pdo",
    "sqlite3",
    "pdo_sqlite",
    "ctype",
    "tokenizer",
    "mbstring",
    "iconv",
    "dom",
    "xml",
    "simplexml",
    "xmlreader",
    "xmlwriter",
    "fileinfo",
    "exif",
    "posix",
    "phar",
]
QUIET = ["-dsendmail_path=/bin/true", "-ddisplay_errors=0", "-dlog_errors=1"]
USER = "relay"

CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', ''); define('DB_PASSWORD', '');
define('DB_HOST', ''); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
foreach (array('AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT',
  'SECURE_AUTH_SALT', 'LOGGED_IN_SALT', 'NONCE_SALT') as $name) { define($name, 'only a test'); }
$table_prefix = 'wp_';
define('WP_HOME', 'BASE'); define('WP_SITEURL', 'BASE');
define('WP_ENVIRONMENT_TYPE', 'local');   // application passwords without TLS
define('WP_HTTP_BLOCK_EXTERNAL', true);   // it asks nobody
define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""

SET_UP = """<?php
define('WP_INSTALLING', true);
require 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('A test', 'admin', 'admin@example.org', false, '', 'not used');
update_option('permalink_structure', '/%postname%/');
update_option('comment_registration', 0); update_option('comment_moderation', 0);
update_option('comment_previously_approved', 0);
$id = wp_insert_user(array('user_login' => 'USER', 'user_pass' => wp_generate_password(),
  'user_email' => 'relay@example.org', 'role' => 'author'));
$made = WP_Application_Passwords::create_new_application_password($id, array('name' => 'relay'));
echo "\\npassword:", $made[0], "\\n";
"""


@dataclass(frozen=True)
class WordPress:
    """A running site with one author, and what its own API shows."""

    base: str
    password: str

    def asks(self, method: str, path: str, said: object = None) -> Any:
        """A request as the author."""
        who = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {who}"}
        status, made, _ = asked(method, f"{self.base}/wp-json{path}", said, headers=headers)
        assert status < 300, (status, made)
        return made


@contextmanager
def wordpress(folder: Path) -> Iterator[WordPress]:
    """A fresh site while the block lasts."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    site = _unpacked(folder, base)
    said = subprocess.run(
        [*_php(), "set-up.php"], cwd=site, capture_output=True, text=True, timeout=120
    )
    assert "password:" in said.stdout, said.stdout[-1000:] + said.stderr[-1000:]
    password = said.stdout.rpartition("password:")[2].strip()
    (site / "set-up.php").unlink()
    command = [*_php(), "-S", f"127.0.0.1:{port}", "-t", str(site), str(site / "router.php")]
    with running(command, folder, ready=f"{base}/wp-json/"):
        yield WordPress(base, password)


def _unpacked(folder: Path, base: str) -> Path:
    with zipfile.ZipFile(SERVERS / "wordpress/wordpress.zip") as archive:
        archive.extractall(folder / "site")
    [loaded] = [*(folder / "site").rglob("wp-load.php")]
    site = loaded.parent
    with zipfile.ZipFile(SERVERS / "wordpress/sqlite.zip") as archive:
        archive.extractall(site / "wp-content/plugins")
    [plugin] = (site / "wp-content/plugins").glob("sqlite-database-integration*")
    dropped = (plugin / "db.copy").read_text()
    dropped = dropped.replace("{SQLITE_IMPLEMENTATION_FOLDER_PATH}", str(plugin))
    dropped = dropped.replace("{SQLITE_PLUGIN}", f"{plugin.name}/load.php")
    (site / "wp-content/db.php").write_text(dropped)
    # The package brings a site that is set up already, with a password that everybody knows.
    (site / "wp-content/database/.ht.sqlite").unlink(missing_ok=True)
    (site / "wp-config.php").write_text(CONFIG.replace("BASE", base))
    (site / "set-up.php").write_text(SET_UP.replace("USER", USER))
    (site / "router.php").write_text(
        "<?php $file = __DIR__ . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);"
        " if (is_file($file)) { return false; } require __DIR__ . '/index.php';"
    )
    return site


def _php() -> list[str]:
    [built] = (PHP / "usr/lib/php").glob("20*")
    extensions = [f"-dextension={one}" for one in EXTENSIONS]
    return [str(PHP / "usr/bin/php8.2"), "-n", f"-dextension_dir={built}", *extensions, *QUIET]
