# The Debian package, and the same files in any other folder. See packaging/README.md.

# Where `make install` puts things; DESTDIR goes in front of it and into no file.
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: deb programs install uninstall

# dist/handover_VERSION_ARCH.deb. PROGRAMS=FOLDER packs programs that are there already.
deb:
	@packaging/deb

programs:
	@packaging/programs $(PREFIX)

# Root may have no Swift: `make programs` as yourself, then `make install` as root takes what was built.
install:
	@test "$$(cat .build/package/prefix 2>/dev/null)" = "$(PREFIX)" || packaging/programs $(PREFIX)
	@packaging/install $(PREFIX) $(DESTDIR)

uninstall:
	@packaging/install --remove $(PREFIX) $(DESTDIR)
