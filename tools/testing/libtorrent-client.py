"""Seeds or fetches one torrent with libtorrent until it is killed: TORRENT FOLDER HOST PORT [DONE].

DONE: file that is made when all of the content is there.
"""

import pathlib
import sys
import time

import libtorrent

torrent, folder, host, port, *done = sys.argv[1:]
session = libtorrent.session(
    {
        "listen_interfaces": f"{host}:{port}",
        "enable_dht": False,
        "enable_lsd": False,
        "enable_upnp": False,
        "enable_natpmp": False,
        "enable_incoming_utp": False,
        "enable_outgoing_utp": False,
        "allow_multiple_connections_per_ip": True,
        "min_reconnect_time": 1,
        "min_announce_interval": 1,
    }
)
handle = session.add_torrent({"ti": libtorrent.torrent_info(torrent), "save_path": folder})
for flag in (libtorrent.torrent_flags.disable_dht, libtorrent.torrent_flags.disable_pex, libtorrent.torrent_flags.disable_lsd):
    handle.set_flags(flag)
while True:
    if done and handle.status().is_seeding:
        pathlib.Path(done.pop()).touch()
    time.sleep(0.1)
