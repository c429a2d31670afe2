"""How the page is served: its files, its turns on the device, and no network beyond it."""
