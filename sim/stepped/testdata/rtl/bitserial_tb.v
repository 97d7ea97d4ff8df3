// Reads stim.txt: the number of tiles and of activation bits and their sign; for
// each tile the beats of a reduction, the bits of each row's weights, then the
// planes [bit][beat] of each row and of each column, as integers. Runs the planes
// from the most significant pair down, rows with fewer bits gated off, and prints
// the sums of each tile and the cycles taken.

module bitserial_tb;
    parameter ROWS = 2, COLS = 2, DOT = 8, LATENCY = 2;
    reg clk = 0, first = 0;
    reg  [ROWS-1:0]         enable = 0, negate = 0;
    reg  [4:0]              shift = 0;
    reg  [DOT*ROWS-1:0]     weights = 0;
    reg  [DOT*COLS-1:0]     acts = 0;
    wire [32*ROWS*COLS-1:0] sums;
    bitserial #(ROWS, COLS, DOT) array (clk, first, enable, negate, shift, weights, acts, sums);

    integer file, got, tiles, act_bits, act_signed, beats, widest, value, tile, r, c, p, q, k, cycles;
    integer bits [0:ROWS-1];
    reg [DOT-1:0] weight_plane [0:ROWS*16*64-1];
    reg [DOT-1:0] act_plane [0:COLS*16*64-1];

    task tick; begin
        #1 clk = 1;
        #1 clk = 0;
        cycles = cycles + 1;
    end endtask

    task read_tile; begin
        got = $fscanf(file, "%d", beats);
        widest = 0;
        for (r = 0; r < ROWS; r = r + 1) begin
            got = $fscanf(file, "%d", value);
            bits[r] = value;
            if (value > widest) widest = value;
        end
        for (r = 0; r < ROWS; r = r + 1)
            for (p = 0; p < bits[r]; p = p + 1)
                for (k = 0; k < beats; k = k + 1) begin
                    got = $fscanf(file, "%d", value);
                    weight_plane[(r*16 + p)*64 + k] = value;
                end
        for (c = 0; c < COLS; c = c + 1)
            for (q = 0; q < act_bits; q = q + 1)
                for (k = 0; k < beats; k = k + 1) begin
                    got = $fscanf(file, "%d", value);
                    act_plane[(c*16 + q)*64 + k] = value;
                end
    end endtask

    task send; begin // planes p and q, beat k
        shift = p + q;
        for (r = 0; r < ROWS; r = r + 1) begin
            enable[r] = p < bits[r];
            negate[r] = (p == bits[r] - 1) ^ (act_signed && q == act_bits - 1);
            weights[DOT*r +: DOT] = weight_plane[(r*16 + p)*64 + k];
        end
        for (c = 0; c < COLS; c = c + 1)
            acts[DOT*c +: DOT] = act_plane[(c*16 + q)*64 + k];
        tick;
        first = 0;
    end endtask

    initial begin
        cycles = 0;
        file = $fopen("stim.txt", "r");
        got = $fscanf(file, "%d %d %d", tiles, act_bits, act_signed);
        for (tile = 0; tile < tiles; tile = tile + 1) begin
            read_tile;
            first = 1;
            for (p = widest - 1; p >= 0; p = p - 1)
                for (q = act_bits - 1; q >= 0; q = q - 1)
                    for (k = 0; k < beats; k = k + 1) send;
            enable = 0;
            repeat (LATENCY) tick;
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1)
                    $display("out %0d %0d %0d %0d", tile, r, c, $signed(sums[32*(r*COLS+c) +: 32]));
        end
        $display("cycles %0d", cycles);
    end
endmodule
