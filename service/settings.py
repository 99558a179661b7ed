"""What an operator may set: environment variables that begin with `NOCONTACT_`, or a `.env` file.

Every setting has a default that runs the service for one prison on one machine. None of them is a secret's
value in the clear but `NOCONTACT_KEY` and `NOCONTACT_OIDC_CLIENT_SECRET`, which are better given as files.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ORIGIN = r"[^\s+\x00-\x1f\x7f]{1,200}"
"""What names a log, and the key that signs for it: no space, no plus."""


_STOP = r"(call|message|letter)=[0-9]{1,5}(\.[0-9]{1,4})?"
STALE_STOPS = rf"^({_STOP}(,{_STOP})*)?$"


class Settings(BaseSettings):
    """The service's settings, read once at the start."""

    model_config = SettingsConfigDict(env_prefix="NOCONTACT_", env_file=".env", extra="ignore", frozen=True)

    data: Path = Path("var/nocontact")
    """Folder of everything that it keeps: database, key, checkpoints."""
    database_url: str | None = None
    """An SQLAlchemy address, `postgresql+psycopg://…`. Without it, `nocontact.db` in the data folder."""
    database_wait: float = Field(default=1.0, gt=0, le=60)
    """Seconds that the service waits for another process, or another write, to let go of the database. Then
    checks get 503 at once and the switch does what it does without an answer: a caller waits no longer."""
    key_file: Path | None = None
    """File of the master key, 32 bytes in base64. Without it, `master.key` in the data folder. Keep it on
    another disk than the database: who has both can read everything."""
    key: SecretStr | None = None
    """The master key itself, where a secret store hands it over in the environment. Goes before the file."""
    ledger_origin: str | None = Field(default=None, pattern=f"^{ORIGIN}$")
    """What names this ledger in its checkpoints, as `nocontact.example/estate`: neither spaces nor a plus.
    Without it, a name made from its key."""
    checkpoint_seconds: float = Field(default=60, gt=0)
    """Seconds between two signed checkpoints while there is something new. What was recorded since the last
    one can be cut off unseen by whoever puts back an older database."""
    checkpoint_folder: Path | None = None
    """A second folder for checkpoints, on another disk or machine: a start is held against those too, so
    that whoever puts back the whole data folder is found out."""
    checkpoint_url: str | None = Field(default=None, pattern=r"^https?://")
    """Who takes each checkpoint as a POST, and keeps it. A start does not ask there."""
    policy: Path | None = None
    """A policy file to use in place of the one that is built in."""

    redis_url: SecretStr | None = None
    """Where the list is published to the nodes in the prisons: `redis://host:6379`, `rediss://…` with TLS,
    `redis+sentinel://host:26379,host:26379/NAME`, `redis+cluster://host:6379,…`. Without it none is."""
    snapshot_file: Path | None = None
    """A file that each snapshot of the list is put into as well, for a web server to hand out to nodes."""
    cluster: str | None = Field(default=None, pattern=r"^(tls://|tcp://(127\.0\.0\.1|localhost):)")
    """The scheduler of a Dask cluster, `tls://host:8786`, where `backtest` and `rescreen` screen what they
    exported. Its workers hold the service's keys, and whoever reaches the scheduler has them do what he
    likes: TLS with certificates of its own, or this machine. Without it, all cores of this machine do it."""
    node_silent: float = Field(default=60, gt=0)
    """A node that was not heard of, or has not got a change, for so many seconds is an alarm."""

    canary_hours: float = Field(default=2, gt=0)
    """A canary that was not asked for so many hours at an entrance where it was asked before is an alarm, and
    so is a node without one where its prison has a canary: silence is not success."""

    host: str = "127.0.0.1"
    """Address to listen on. Anything else than loopback belongs behind TLS."""
    port: int = Field(default=8085, ge=0, le=65535)
    """Port to listen on; 0 takes a free one and prints it."""
    switch_port: int | None = Field(default=None, ge=1, le=65535)
    """A second port on the same address whose connections are counted apart: the switch's, which others
    cannot use up. A firewall lets nobody else there."""
    switch_socket: Path | None = None
    """The same as a Unix socket, for a switch or a proxy on this machine; readable for its group."""
    most_connections: int | None = Field(default=None, ge=16)
    """Connections at once, the switch's not counted. Without it, as many as the process may have descriptors,
    less what the database and the switch need."""
    connections_per_peer: int = Field(default=256, ge=1)
    """Connections of one address. The whole estate behind one proxy is one address: there it is the proxy's
    to bound its clients, and this is set higher."""
    proxies: str = "127.0.0.1"
    """Addresses, with commas between, whose `X-Forwarded-For` is believed: the proxy that speaks TLS. It has
    to set that header itself, or anybody chooses the address that sign-ins are counted by."""
    secure_cookies: bool = True
    """Session cookies over TLS only. Browsers count http://localhost as secure."""

    longest_body: int = Field(default=1 << 20, gt=0)
    """Bytes of one request. A longer one is refused with 413 before it is read."""
    longest_batch: int = Field(default=1_000, gt=0)
    """Attempts of one batch. Each is answered in turn, so a longer one holds up everybody's calls."""
    rate: float = Field(default=100, gt=0)
    """Checks a second that one client may ask for, on average; beyond it 429. Twice an estate's peak of
    50 a second: whoever tries every number takes long for it, and is seen."""
    prisoner_rate: float = Field(default=60, gt=0)
    """Checks a minute of one client about one prisoner; beyond it 429. So many may come at once."""
    unknown_rate: float = Field(default=60, ge=0)
    """Checks a minute of one client about all prisoners together whom nobody has told the service of, by a
    place or a restriction; beyond it 429. With 0 each of them gets 403."""
    most_waiting: int = Field(default=10_000, gt=0)
    """Decisions waiting for the disk. Beyond it 503, so that memory is bounded when the disk stalls."""

    open_pages: bool = False
    """Whether `/metrics`, `/docs` and `/openapi.json` are for everybody who reaches this port. Without it
    metrics take a key or a session that may see the status, the two documents any."""
    hsts_days: int = Field(default=365, ge=0)
    """So long browsers shall come here over TLS alone (`Strict-Transport-Security`), where cookies are for
    TLS; 0 says nothing of it."""

    session_minutes: int = Field(default=30, gt=0)
    """A session ends after so long without a request."""
    session_hours: int = Field(default=10, gt=0)
    """A session ends after so long in any case: one shift."""
    sign_in_tries: int = Field(default=5, gt=0)
    """Wrong passwords in a row before the address, or browser, they come from is kept from the account."""
    account_tries: int = Field(default=100, gt=0)
    """Wrong passwords for one account, wherever from, before it is locked for every browser that it was never
    signed in to with."""
    lock_minutes: int = Field(default=15, gt=0)
    """How long either lasts."""

    oidc_issuer: str | None = None
    """Issuer of tokens for machines and people; its `/.well-known/openid-configuration` is read."""
    oidc_audience: str = "nocontact"
    """What a token's `aud` has to hold."""
    oidc_client_id: str | None = None
    """This service's own client at the issuer, for people who sign in."""
    oidc_client_secret: SecretStr | None = None
    """Its secret."""
    public_url: str | None = None
    """The address under which browsers reach this service, `https://nocontact.example`: the issuer sends
    people back there. Never taken from a request, whose Host anybody can choose."""
    oidc_roles_claim: str = "authorities"
    """Claim of a token that lists roles, as `ROLE_NOCONTACT_REVIEWER`."""
    oidc_prisons_claim: str = "caseloads"
    """Claim of a token that lists prison codes."""

    phone_system_url: str | None = None
    """Where the PIN-phone system's list interface begins, `https://…`. Without it no lists are reconciled."""
    phone_system_client_id: str = "nocontact"
    """This service's client there."""
    phone_system_client_secret: SecretStr | None = None
    """Its secret."""
    phone_lists_hours: float = Field(default=24, gt=0)
    """Every list is read again after so long: the phone system does not say when one changes."""

    intake: Path | None = None
    """The folder in which the public form leaves its sealed requests. Without it none are taken in."""

    notify_key: SecretStr | None = None
    """An API key of GOV.UK Notify. Without it officers send messages to whoever asked, and note that."""
    notify_email_template: str | None = None
    """Notify's id of the template for e-mails, with `((subject))` and `((text))`."""
    notify_text_template: str | None = None
    """Notify's id of the template for text messages, with `((text))`."""

    mail_readers: int = Field(default=1, ge=1, le=64)
    """Processes that read pictures of envelopes, each on a core of its own and with 1.5 GB. A busy
    mailroom has them on a machine where no calls are answered."""
    mail_zip_codes: bool = False
    """Whether a foreign postcode stands for its country, and for a place there: `Springfield IL 62701`.
    Without it an address abroad needs a place and the country by name, or an officer looks: in a mailroom
    of this country five digits are more often a reference or a date."""
    mail_days: float = Field(default=30, gt=0)
    """Pictures of envelopes, and what was read on them, are deleted after so many days."""

    case_days: float = Field(default=2192, gt=0)
    """A case may be destroyed so many days after it was refused, ended or closed, by two people: six years,
    as long as most claims can be brought before a court (Limitation Act 1980). Nothing is destroyed by
    itself."""

    held_hours: float = Field(default=48, gt=0)
    """What was flagged and nobody has decided for so many hours is an alarm: in the metrics, in
    `/health/ready` and above the queue. A letter is due within a day, a message within four hours."""

    stale_stops: str | None = Field(default=None, pattern=STALE_STOPS)
    """Channels that close when the list is so old, in hours: `message=72,letter=96`. Then whatever is not
    confidential is refused, or stopped, not only flagged. A channel that is not named flags (or what the
    policy says of `STALE_BLOCKLIST`) for as long as it takes. The age goes by a clock that nobody sets."""
    smaller_list: float = Field(default=0.05, ge=0, le=1)
    """A new blocklist that is smaller by this share waits for a second person; the removed restrictions
    stay in force until then. A failed import looks exactly like a mass withdrawal."""
    log_level: str = "INFO"

    node_workers: int = Field(default=1, ge=1, le=64)
    """Of a node: processes that answer, on as many cores. They share one list in memory and one ledger; more
    than one take a process beside them that keeps both."""
    node_holds: Literal["all", "own"] = "all"
    """Of a node: whether it holds every restriction, or the estate's and its own prisoners' alone. Then
    nothing is let through for who is not known to be in its prison, and its disk has nothing of others."""
    node_keys: Path | None = None
    """Of a node: the folder for the keys that the centre gives it, on a file system in memory. Without it,
    `nocontact/NAME` under XDG_RUNTIME_DIR, or under `/run`."""
    snapshot_url: str | None = Field(default=None, pattern=r"^https?://")
    """Of a node: where the list is read when Redis cannot be reached, as the centre's snapshot is served."""

    @property
    def url(self) -> str:
        """The database's address, the default filled in."""
        return self.database_url or f"sqlite:///{self.data / 'nocontact.db'}"

    @property
    def closes_after(self) -> dict[str, float]:
        """Seconds of the list's age after which a channel closes, where it does."""
        told = (one.partition("=") for one in (self.stale_stops or "").split(",") if one)
        return {channel: float(hours) * 3600 for channel, _, hours in told}

    @property
    def master_key_file(self) -> Path:
        """Where the master key is kept when it is not in the environment."""
        return self.key_file or self.data / "master.key"
