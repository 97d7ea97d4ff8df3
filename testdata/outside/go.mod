module outside

go 1.26

require bitcycle v0.0.0

replace bitcycle => ../..
