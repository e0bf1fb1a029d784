module plimsoll.dev/node-lane

go 1.26
