// Weight-stationary systolic array: weights shift down while load is high;
// activations enter at the left, row r delayed by r cycles, and move right;
// partial sums move down and leave at the bottom of each column.

module pe #(parameter WIDTH = 8, ACC = 32) (
    input                         clk, load, valid,
    input  signed [WIDTH-1:0]     weight_above, act_left,
    input  signed [ACC-1:0]       sum_above,
    output reg signed [WIDTH-1:0] weight, act,
    output reg signed [ACC-1:0]   sum,
    output reg                    valid_right
);
    initial begin
        act = 0; sum = 0; weight = 0; valid_right = 0;
    end
    always @(posedge clk) begin
        if (load) weight <= weight_above;
        act         <= act_left;
        valid_right <= valid;
        sum         <= sum_above + weight * act_left;
    end
endmodule

module delay #(parameter WIDTH = 8, CYCLES = 0) (
    input clk, input [WIDTH-1:0] in, output [WIDTH-1:0] out
);
    reg [WIDTH*(CYCLES+1)-1:0] line = 0;
    generate
        if (CYCLES == 0) assign out = in;
        else assign out = line[WIDTH*CYCLES-1 -: WIDTH];
    endgenerate
    always @(posedge clk) line <= {line, in};
endmodule

module systolic #(parameter ROWS = 4, COLS = 4, WIDTH = 8, ACC = 32) (
    input                   clk, load, valid,
    input  [WIDTH*COLS-1:0] weights,   // one for each column, the last row's first
    input  [WIDTH*ROWS-1:0] acts,      // one for each row, of one output position
    output [ACC*COLS-1:0]   sums,
    output [COLS-1:0]       valid_out
);
    wire [WIDTH-1:0] weight [0:ROWS][0:COLS-1];
    wire [WIDTH-1:0] act [0:ROWS-1][0:COLS];
    wire [ACC-1:0]   sum [0:ROWS][0:COLS-1];
    wire             good [0:ROWS-1][0:COLS];
    genvar r, c;
    generate
        for (c = 0; c < COLS; c = c + 1) begin : column
            assign weight[0][c] = weights[WIDTH*c +: WIDTH];
            assign sum[0][c] = 0;
            assign sums[ACC*c +: ACC] = sum[ROWS][c];
            assign valid_out[c] = good[ROWS-1][c+1];
        end
        for (r = 0; r < ROWS; r = r + 1) begin : row
            delay #(WIDTH, r) skew (clk, acts[WIDTH*r +: WIDTH], act[r][0]);
            delay #(1, r) skew_valid (clk, valid, good[r][0]);
            for (c = 0; c < COLS; c = c + 1) begin : element
                pe #(WIDTH, ACC) pe (
                    clk, load, good[r][c], weight[r][c], act[r][c], sum[r][c],
                    weight[r+1][c], act[r][c+1], sum[r+1][c], good[r][c+1]
                );
            end
        end
    endgenerate
endmodule
