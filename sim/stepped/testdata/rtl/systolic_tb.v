// Reads stim.txt: the number of folds and of positions, then for each fold its
// weights [row][col] and its activations [position][row]. Prints fold, column,
// position and sum of everything that leaves the array, and the cycles taken.

module systolic_tb;
    parameter ROWS = 4, COLS = 4;
    reg clk = 0, load = 0, valid = 0;
    reg  [8*COLS-1:0]  weights = 0;
    reg  [8*ROWS-1:0]  acts = 0;
    wire [32*COLS-1:0] sums;
    wire [COLS-1:0]    valid_out;
    systolic #(ROWS, COLS) array (clk, load, valid, weights, acts, sums, valid_out);

    integer file, got, folds, positions, value, fold, r, c, n, left, cycles;
    integer seen [0:COLS-1];
    reg [8*COLS-1:0] rows [0:ROWS-1];

    task tick; begin
        #1 clk = 1;
        #1 clk = 0;
        cycles = cycles + 1;
        for (c = 0; c < COLS; c = c + 1)
            if (valid_out[c]) begin
                $display("out %0d %0d %0d %0d", fold, c, seen[c], $signed(sums[32*c +: 32]));
                seen[c] = seen[c] + 1;
                left = left - 1;
            end
    end endtask

    initial begin
        cycles = 0;
        file = $fopen("stim.txt", "r");
        got = $fscanf(file, "%d %d", folds, positions);
        for (fold = 0; fold < folds; fold = fold + 1) begin
            left = positions * COLS;
            for (c = 0; c < COLS; c = c + 1) seen[c] = 0;
            for (r = 0; r < ROWS; r = r + 1)
                for (c = 0; c < COLS; c = c + 1) begin
                    got = $fscanf(file, "%d", value);
                    rows[r][8*c +: 8] = value;
                end
            load = 1;
            for (r = ROWS - 1; r >= 0; r = r - 1) begin
                weights = rows[r];
                tick;
            end
            load = 0;
            valid = 1;
            for (n = 0; n < positions; n = n + 1) begin
                for (r = 0; r < ROWS; r = r + 1) begin
                    got = $fscanf(file, "%d", value);
                    acts[8*r +: 8] = value;
                end
                tick;
            end
            valid = 0;
            acts = 0;
            while (left > 0) tick;
        end
        $display("cycles %0d", cycles);
    end
endmodule
