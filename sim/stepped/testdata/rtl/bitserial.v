// Array of bit-serial dot-product units: each ANDs a weight plane with an
// activation plane, counts the ones, shifts and negates the count by the place
// of the planes, and accumulates. Two registers lie before the accumulator.

module dpu #(parameter DOT = 8, ACC = 32) (
    input                       clk, first, enable, negate,
    input      [4:0]            shift,
    input      [DOT-1:0]        weight, act,
    output reg signed [ACC-1:0] sum
);
    reg first1 = 0, first2 = 0, negate1 = 0;
    reg [4:0] shift1 = 0;
    reg signed [ACC-1:0] ones = 0, weighed = 0;
    integer i;
    reg [ACC-1:0] count;
    always @* begin
        count = 0;
        for (i = 0; i < DOT; i = i + 1) count = count + (weight[i] & act[i]);
    end
    initial sum = 0;
    always @(posedge clk) begin
        ones    <= enable ? count : 0;
        first1  <= first;
        negate1 <= negate;
        shift1  <= shift;
        weighed <= negate1 ? -(ones <<< shift1) : ones <<< shift1;
        first2  <= first1;
        sum     <= (first2 ? 0 : sum) + weighed;
    end
endmodule

module bitserial #(parameter ROWS = 2, COLS = 2, DOT = 8, ACC = 32) (
    input                      clk, first,
    input  [ROWS-1:0]          enable, negate,
    input  [4:0]               shift,
    input  [DOT*ROWS-1:0]      weights,
    input  [DOT*COLS-1:0]      acts,
    output [ACC*ROWS*COLS-1:0] sums
);
    genvar r, c;
    generate
        for (r = 0; r < ROWS; r = r + 1) begin : row
            for (c = 0; c < COLS; c = c + 1) begin : column
                dpu #(DOT, ACC) dpu (
                    clk, first, enable[r], negate[r], shift,
                    weights[DOT*r +: DOT], acts[DOT*c +: DOT], sums[ACC*(r*COLS+c) +: ACC]
                );
            end
        end
    endgenerate
endmodule
